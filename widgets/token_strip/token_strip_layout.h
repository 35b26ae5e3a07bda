// Flows tokens into lines. Pure; tested as numbers. 100,000 tokens take about a millisecond.
#pragma once

#include "widgets/token_strip/token_strip_data.h"

#include <QRectF>

#include <utility>
#include <vector>

namespace bathy::widgets {

struct TokenStripStyle {
    double lineHeight = 22; // of a box, with its padding
    double lineGap = 3;
    double boxGap = 2;
    double margin = 6;
};

struct TokenBox {
    float x = 0;
    float width = 0;
    std::int32_t line = 0;
};

class TokenStripLayout {
public:
    std::vector<TokenBox> boxes;         // one an item
    std::vector<std::int32_t> lineStart; // index of each line's first item
    double height = 0;

    QRectF rectOf(int index) const;
    // Items of the lines that touch [top, bottom): [first, last).
    std::pair<int, int> itemsBetween(double top, double bottom) const;
    int itemAt(QPointF point) const;      // -1: none
    int nearestItem(QPointF point) const; // for dragging; -1: there are none

    TokenStripStyle style;
};

// glyphWidths: of each glyph's box in pixels, same index as data.glyphs.
TokenStripLayout layoutTokenStrip(const TokenStripData& data, const std::vector<float>& glyphWidths, double width,
                                  const TokenStripStyle& style);

} // namespace bathy::widgets
