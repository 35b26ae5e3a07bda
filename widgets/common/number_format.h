// Numbers as people read them.
#pragma once

#include <QString>

namespace bathy::widgets {

QString formatBytes(double bytes);   // "0 B", "584 B", "12.4 MiB": binary units, three figures
QString formatCount(double count);   // "950", "4.1 k", "1.05 M": decimal, three figures
double niceBinaryStep(double least); // the smallest 1, 2, 4 … × a power of two that is not below it, in bytes

} // namespace bathy::widgets
