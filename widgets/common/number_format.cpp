#include "widgets/common/number_format.h"

#include <array>
#include <cmath>

namespace bathy::widgets {
namespace {

QString threeFigures(double value) {
    const int digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    auto text = QString::number(value, 'f', digits);
    while (text.contains(QLatin1Char('.')) && (text.endsWith(QLatin1Char('0')) || text.endsWith(QLatin1Char('.'))))
        text.chop(1);
    return text;
}

QString scaled(double value, double base, std::size_t units, const char* const* names) {
    std::size_t unit = 0;
    while (unit + 1 < units && std::abs(value) >= base * 0.9995) {
        value /= base;
        ++unit;
    }
    const auto number = unit == 0 ? QString::number(std::lround(value)) : threeFigures(value);
    const auto name = QString::fromLatin1(names[unit]);
    return name.isEmpty() ? number : number + QLatin1Char(' ') + name;
}

} // namespace

QString formatBytes(double bytes) {
    static constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    return scaled(bytes, 1024, kUnits.size(), kUnits.data());
}

QString formatCount(double count) {
    static constexpr std::array kUnits{"", "k", "M", "G"};
    return scaled(count, 1000, kUnits.size(), kUnits.data());
}

double niceBinaryStep(double least) {
    return least <= 1 ? 1 : std::exp2(std::ceil(std::log2(least)));
}

} // namespace bathy::widgets
