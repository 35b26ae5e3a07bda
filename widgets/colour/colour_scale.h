// From a number to a colour: a range, linear or logarithmic, and a ramp whose lightness changes evenly, so that order
// is seen by everyone and in grey print. Plain values.
#pragma once

#include <QColor>

#include <array>
#include <vector>

namespace bathy::widgets {

enum class ScaleKind { Linear, Logarithmic };

struct ColourRange {
    double low = 0;
    double high = 1;
    friend bool operator==(const ColourRange&, const ColourRange&) = default;
};

// Zero lies near the background of the theme and much stands out: pale yellow to deep blue on light, deep blue to pale
// yellow on dark. Interpolated in OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020).
class ColourRamp {
public:
    static const ColourRamp& sequential(bool dark);

    QRgb at(double share) const; // 0..1, clamped
    // Black or white, whichever is read better on the colour at share.
    QColor inkAt(double share) const;

private:
    explicit ColourRamp(bool dark);
    std::array<QRgb, 256> m_table{};
};

class ColourScale {
public:
    ColourScale() = default;
    ColourScale(ColourRange range, ScaleKind kind) : m_range(range), m_kind(kind) {}

    ColourRange range() const { return m_range; }
    ScaleKind kind() const { return m_kind; }

    // Where a value lies between low (0) and high (1), clamped. Logarithmic: zero and less lie at 0.
    double share(double value) const;
    double valueAt(double share) const; // the inverse
    // A value of about 1/2/5 × a power of ten steps within the range, at most `most` of them, ascending.
    std::vector<double> ticks(int most) const;

private:
    double logLow() const; // where the logarithmic scale starts

    ColourRange m_range;
    ScaleKind m_kind = ScaleKind::Linear;
};

} // namespace bathy::widgets
