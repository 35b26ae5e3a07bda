// The colours that own-painted views use, derived from the palette in force. A plain value.
#pragma once

#include <QColor>
#include <QPalette>

#include <array>

namespace bathy::widgets {

inline constexpr int kSeriesColours = 8;

struct ViewColours {
    bool dark = false;
    QColor base, text, muted, line, accent, accentText;
    // For parts that are told apart, in order of use; distinct for the common kinds of colour blindness too, since they
    // also differ in lightness.
    std::array<QColor, kSeriesColours> series;

    static ViewColours from(const QPalette& palette);
};

// Linear mixture of two colours in sRGB; share 0 gives a, 1 gives b.
QColor mixed(const QColor& a, const QColor& b, double share);

} // namespace bathy::widgets
