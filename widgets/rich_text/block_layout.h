// One block laid out for a width: its height, what stands at a point, and drawing with a selection. Offsets count in
// the block's plainText(). UI thread.
#pragma once

#include "widgets/rich_text/rich_block.h"
#include "widgets/rich_text/rich_style.h"

#include <QPointF>
#include <QRectF>
#include <QTextLayout>

#include <memory>
#include <optional>
#include <vector>

class QPainter;

namespace bathy::widgets {

struct TextRange { // [begin, end) in a block's plain text
    int begin = 0;
    int end = 0;
    bool isEmpty() const { return end <= begin; }
};

class BlockLayout {
public:
    BlockLayout(const RichBlock& block, const RichStyle& style, qreal width);
    ~BlockLayout();

    qreal height() const { return m_height; } // with the gap above it
    qreal width() const { return m_width; }
    int length() const { return m_length; }
    void draw(QPainter& painter, QPointF origin, const RichStyle& style, TextRange selected, bool copyHovered) const;

    int offsetAt(QPointF point) const; // the nearest place in the text
    TextRange wordAt(int offset) const;
    QString linkAt(QPointF point) const;               // empty: none
    QRectF copyButton() const { return m_copyButton; } // of code that begins here; else empty

    // A guess of height() without laying out; costs next to nothing.
    static qreal estimateHeight(const RichBlock& block, const RichStyle& style, qreal width);
    static QString copyLabel();

private:
    struct Cell {
        std::unique_ptr<QTextLayout> layout;
        QPointF place;
        int begin = 0; // in the plain text
        int row = 0;
        const InlineText* text = nullptr;
    };
    void layOutText(const RichStyle& style, qreal left, qreal top);
    void layOutCode(const RichStyle& style, qreal left, qreal top);
    void layOutTable(const RichStyle& style, qreal left, qreal top);
    qreal addCell(const InlineText& text, const QFont& font, const RichStyle& style, QPointF place, qreal width,
                  Qt::Alignment align, int begin, int row);
    void drawFrame(QPainter& painter, QPointF origin, const RichStyle& style, bool copyHovered) const;

    RichBlock m_block;
    qreal m_width = 0;
    qreal m_height = 0;
    qreal m_top = 0;  // gap above
    qreal m_left = 0; // after lists and quotations
    int m_length = 0;
    std::vector<Cell> m_cells;
    std::vector<qreal> m_rowLines; // y of the lines between rows
    qreal m_tableWidth = 0;
    QRectF m_copyButton;
};

} // namespace bathy::widgets
