#include "widgets/rich_text/rich_style.h"

#include <QFontDatabase>
#include <QFontMetricsF>

#include <algorithm>
#include <array>

namespace bathy::widgets {
namespace {

QColor mix(const QColor& a, const QColor& b, float share) {
    const auto part = [share](float x, float y) { return x + (y - x) * share; };
    return QColor::fromRgbF(part(a.redF(), b.redF()), part(a.greenF(), b.greenF()), part(a.blueF(), b.blueF()));
}

} // namespace

RichStyle::RichStyle(const QFont& font, const QPalette& palette) : body(font), code(font), small(font) {
    code.setFamilies(QFontDatabase::systemFont(QFontDatabase::FixedFont).families());
    code.setStyleHint(QFont::Monospace);
    code.setPointSizeF(font.pointSizeF() * 0.95);
    small.setPointSizeF(font.pointSizeF() * 0.88);
    text = palette.color(QPalette::Text);
    muted = palette.color(QPalette::PlaceholderText);
    link = palette.color(QPalette::Link);
    const auto base = palette.color(QPalette::Base);
    border = mix(base, text, 0.18F);
    codeBackground = mix(base, text, 0.055F);
    selection = palette.color(QPalette::Highlight);
    selectedText = palette.color(QPalette::HighlightedText);
    lineHeight = QFontMetricsF(body).lineSpacing();
}

QFont RichStyle::heading(int level) const {
    constexpr std::array kSizes{1.6, 1.35, 1.18, 1.08, 1.0, 1.0};
    auto font = body;
    font.setPointSizeF(body.pointSizeF() * kSizes.at(static_cast<std::size_t>(std::clamp(level, 1, 6) - 1)));
    font.setBold(true);
    return font;
}

qreal RichStyle::columnWidth(qreal available) const {
    constexpr int kLongestLine = 96; // characters
    return std::min(available, QFontMetricsF(body).averageCharWidth() * kLongestLine);
}

} // namespace bathy::widgets
