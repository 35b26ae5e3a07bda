// A few colours that can be told apart, made from the palette's accent so that they suit light and dark. Pure.
#pragma once

#include <QColor>
#include <QPalette>

namespace bathy::panels {

// The colour of the index-th category; neighbours differ in hue and in lightness, so that they differ in grey as well.
QColor categoryColour(const QPalette& palette, int index);

} // namespace bathy::panels
