#include "widgets/colour/colour_scale.h"

#include <algorithm>
#include <cmath>

namespace bathy::widgets {
namespace {

constexpr double kSmallestPart = 1e-3; // of the high end: where a logarithmic scale starts that would start at zero

// Relative luminance (WCAG 2.1) above which black has the higher contrast: where (L + 0.05)² = 0.05 · 1.05.
constexpr double kInkTurn = 0.179;

double luminance(QRgb rgb) {
    const auto linear = [](int channel) {
        const double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(qRed(rgb)) + 0.7152 * linear(qGreen(rgb)) + 0.0722 * linear(qBlue(rgb));
}

struct Lch {
    double lightness, chroma, hue; // hue in degrees
};

double encoded(double linear) {
    const double c = std::clamp(linear, 0.0, 1.0);
    return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
}

constexpr double kPi = 3.14159265358979323846;

struct Linear {
    double red, green, blue;
    bool isDisplayable() const {
        const auto inside = [](double c) { return c > -0.002 && c < 1.002; };
        return inside(red) && inside(green) && inside(blue);
    }
};

Linear toLinear(const Lch& colour) {
    const double a = colour.chroma * std::cos(colour.hue * kPi / 180);
    const double b = colour.chroma * std::sin(colour.hue * kPi / 180);
    const double l = std::pow(colour.lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = std::pow(colour.lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = std::pow(colour.lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

// Lightness and hue are kept; chroma is lowered until a screen can show the colour.
QRgb toSrgb(Lch colour) {
    while (colour.chroma > 0.001 && !toLinear(colour).isDisplayable())
        colour.chroma *= 0.995;
    const auto linear = toLinear(colour);
    const auto channel = [](double c) { return static_cast<int>(std::lround(encoded(c) * 255)); };
    return qRgb(channel(linear.red), channel(linear.green), channel(linear.blue));
}

// Yellow through green and teal to blue, lightness even; on dark the same path run the other way.
Lch rampColour(bool dark, double t) {
    const double chroma = 0.01 + 0.12 * std::sin(kPi * (0.03 + 0.80 * t));
    return dark ? Lch{0.24 + 0.69 * t, chroma, 265 - 165 * t} : Lch{0.975 - 0.665 * t, chroma, 105 + 160 * t};
}

} // namespace

ColourRamp::ColourRamp(bool dark) {
    for (std::size_t i = 0; i < m_table.size(); ++i)
        m_table[i] = toSrgb(rampColour(dark, static_cast<double>(i) / (m_table.size() - 1)));
}

const ColourRamp& ColourRamp::sequential(bool dark) {
    static const ColourRamp kLight(false);
    static const ColourRamp kDark(true);
    return dark ? kDark : kLight;
}

QRgb ColourRamp::at(double share) const {
    const double t = std::clamp(std::isnan(share) ? 0.0 : share, 0.0, 1.0);
    return m_table[static_cast<std::size_t>(t * (m_table.size() - 1) + 0.5)];
}

QColor ColourRamp::inkAt(double share) const {
    return luminance(at(share)) > kInkTurn ? Qt::black : Qt::white;
}

double ColourScale::logLow() const {
    return m_range.low > 0 ? m_range.low : m_range.high * kSmallestPart;
}

double ColourScale::share(double value) const {
    if (std::isnan(value) || !(m_range.high > m_range.low))
        return value > m_range.low ? 1 : 0;
    if (m_kind == ScaleKind::Linear)
        return std::clamp((value - m_range.low) / (m_range.high - m_range.low), 0.0, 1.0);
    if (value <= 0 || m_range.high <= 0)
        return 0;
    return std::clamp(std::log(value / logLow()) / std::log(m_range.high / logLow()), 0.0, 1.0);
}

double ColourScale::valueAt(double share) const {
    if (m_kind == ScaleKind::Linear || m_range.high <= 0)
        return m_range.low + share * (m_range.high - m_range.low);
    return share <= 0 ? m_range.low : logLow() * std::pow(m_range.high / logLow(), share);
}

std::vector<double> ColourScale::ticks(int most) const {
    std::vector<double> found;
    if (most < 2 || !(m_range.high > m_range.low) || !std::isfinite(m_range.high - m_range.low))
        return found;
    if (m_kind == ScaleKind::Logarithmic && m_range.high > 0) {
        for (double decade = std::pow(10, std::floor(std::log10(logLow()))); decade <= m_range.high; decade *= 10)
            if (decade >= logLow())
                found.push_back(decade);
        while (static_cast<int>(found.size()) > most) {
            std::vector<double> thinned;
            for (std::size_t i = (found.size() - 1) % 2; i < found.size(); i += 2)
                thinned.push_back(found[i]);
            found = std::move(thinned);
        }
        if (found.size() >= 2)
            return found;
        found.clear();
    }
    const double rough = (m_range.high - m_range.low) / (most - 1);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double step = power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
    for (double n = std::ceil(m_range.low / step); n * step <= m_range.high * (1 + 1e-12); ++n)
        found.push_back(n * step);
    return found;
}

} // namespace bathy::widgets
