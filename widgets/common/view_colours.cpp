#include "widgets/common/view_colours.h"

namespace bathy::widgets {
namespace {

constexpr std::array<QRgb, kSeriesColours> kOnLight{0xff0b7285, 0xffe08e0b, 0xff5b4ba8, 0xff3f9b5f,
                                                    0xffc2456b, 0xff8a949c, 0xff2f5fb3, 0xff7a5c2e};
constexpr std::array<QRgb, kSeriesColours> kOnDark{0xff35b6cb, 0xfff0ad3d, 0xffa193ea, 0xff6fcf92,
                                                   0xffee7d9c, 0xff8d98a1, 0xff7ba4f0, 0xffc9a36a};

} // namespace

ViewColours ViewColours::from(const QPalette& palette) {
    ViewColours c;
    c.base = palette.color(QPalette::Base);
    c.dark = c.base.lightness() < 128;
    c.text = palette.color(QPalette::Text);
    c.muted = palette.color(QPalette::PlaceholderText);
    c.line = palette.color(QPalette::Mid);
    c.accent = palette.color(QPalette::Highlight);
    c.accentText = palette.color(QPalette::HighlightedText);
    for (std::size_t i = 0; i < kSeriesColours; ++i)
        c.series[i] = QColor::fromRgb(c.dark ? kOnDark[i] : kOnLight[i]);
    return c;
}

QColor mixed(const QColor& a, const QColor& b, double share) {
    const auto part = [share](int x, int y) { return static_cast<int>(x + (y - x) * share + 0.5); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

} // namespace bathy::widgets
