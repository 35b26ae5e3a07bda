#include "widgets/rich_text/block_layout.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <QTextOption>

#include <algorithm>
#include <cmath>

namespace bathy::widgets {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::widgets::BlockLayout)
};

constexpr qreal kLineStretch = 1.3; // of the font's own line height
constexpr qreal kCellPadding = 8;
constexpr qreal kSmallestColumn = 48;
constexpr qreal kFrameRadius = 6;
constexpr qreal kQuoteLine = 3;
constexpr qreal kUnbounded = 1e6;

qreal gapAbove(const RichBlock& block, const RichStyle& style) {
    if (block.continued)
        return 0;
    switch (block.kind) {
    case BlockKind::Heading:
        return style.unit * (block.level <= 2 ? 2.5 : 2);
    case BlockKind::Paragraph:
        return block.marker.isEmpty() ? style.unit * 1.25 : style.unit * 0.5;
    default:
        return style.unit * 1.25;
    }
}

qreal leftOf(const RichBlock& block, const RichStyle& style) {
    return style.indent * block.indent + style.unit * 2 * block.quote;
}

QTextCharFormat formatOf(const InlineSpan& span, const RichStyle& style) {
    QTextCharFormat format;
    if (span.styles & Bold)
        format.setFontWeight(QFont::Bold);
    if (span.styles & Italic)
        format.setFontItalic(true);
    if (span.styles & Strike)
        format.setFontStrikeOut(true);
    if (span.styles & Code) {
        format.setFontFamilies(style.code.families());
        format.setFontFixedPitch(true);
        format.setBackground(style.codeBackground);
    }
    if (span.styles & Link) {
        format.setForeground(style.link);
        format.setFontUnderline(true);
        format.setToolTip(span.target);
    }
    return format;
}

QVector<QTextLayout::FormatRange> formatsOf(const InlineText& text, const RichStyle& style) {
    QVector<QTextLayout::FormatRange> formats;
    for (const auto& span : text.spans)
        formats.append({span.begin, span.length, formatOf(span, style)});
    return formats;
}

// Of the longest line when nothing is wrapped.
qreal naturalWidth(const InlineText& text, const QFont& font, const RichStyle& style) {
    QString shown = text.text;
    QTextLayout layout(shown.replace(u'\n', QChar::LineSeparator), font);
    layout.setFormats(formatsOf(text, style));
    layout.beginLayout();
    qreal widest = 0;
    for (auto line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(kUnbounded); // a line without a width has no text yet
        widest = std::max(widest, line.naturalTextWidth());
    }
    layout.endLayout();
    return std::ceil(widest);
}

qreal headerHeight(const RichStyle& style) {
    return QFontMetricsF(style.small).height() + style.unit;
}

} // namespace

BlockLayout::~BlockLayout() = default;

QString BlockLayout::copyLabel() {
    return Words::tr("Copy");
}

BlockLayout::BlockLayout(const RichBlock& block, const RichStyle& style, qreal width)
    : m_block(block), m_width(width), m_top(gapAbove(block, style)), m_left(leftOf(block, style)) {
    switch (block.kind) {
    case BlockKind::Paragraph:
    case BlockKind::Heading:
        layOutText(style, m_left, m_top);
        break;
    case BlockKind::Code:
        layOutCode(style, m_left, m_top);
        break;
    case BlockKind::Table:
        layOutTable(style, m_left, m_top);
        break;
    case BlockKind::Rule:
        m_height = m_top + style.unit;
        break;
    }
}

qreal BlockLayout::addCell(const InlineText& text, const QFont& font, const RichStyle& style, QPointF place,
                           qreal width, Qt::Alignment align, int begin, int row) {
    QString shown = text.text;
    shown.replace(u'\n', QChar::LineSeparator);
    auto layout = std::make_unique<QTextLayout>(shown, font);
    QTextOption option(align);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTabStopDistance(QFontMetricsF(font).horizontalAdvance(u' ') * 4);
    layout->setTextOption(option);
    layout->setCacheEnabled(true);
    layout->setFormats(formatsOf(text, style));
    layout->beginLayout();
    qreal y = 0;
    for (auto line = layout->createLine(); line.isValid(); line = layout->createLine()) {
        line.setLineWidth(std::max(width, 1.0));
        const qreal high = line.height() * (m_block.kind == BlockKind::Code ? 1.15 : kLineStretch);
        line.setPosition({0, y + (high - line.height()) / 2});
        y += high;
    }
    layout->endLayout();
    m_cells.push_back({std::move(layout), place, begin, row, &text});
    return y;
}

void BlockLayout::layOutText(const RichStyle& style, qreal left, qreal top) {
    const auto font = m_block.kind == BlockKind::Heading ? style.heading(m_block.level) : style.body;
    m_length = static_cast<int>(m_block.text.text.size());
    m_height = top + addCell(m_block.text, font, style, {left, top}, m_width - left, Qt::AlignLeft, 0, 0);
}

void BlockLayout::layOutCode(const RichStyle& style, qreal left, qreal top) {
    qreal y = top;
    if (!m_block.continued) {
        const QFontMetricsF metrics(style.small);
        const qreal wide = metrics.horizontalAdvance(copyLabel()) + style.unit * 2;
        m_copyButton = {m_width - wide, top, wide, headerHeight(style)};
        y += headerHeight(style);
    }
    m_length = static_cast<int>(m_block.text.text.size());
    const qreal pad = style.unit * 1.5;
    y += addCell(m_block.text, style.code, style, {left + pad, y}, m_width - left - 2 * pad, Qt::AlignLeft, 0, 0);
    m_height = y + (m_block.unfinished ? 0 : style.unit);
}

void BlockLayout::layOutTable(const RichStyle& style, qreal left, qreal top) {
    auto bold = style.body;
    bold.setBold(true);
    const auto columns = m_block.columns.size();
    std::vector<qreal> widths(static_cast<std::size_t>(columns), kSmallestColumn);
    for (qsizetype r = 0; r < m_block.rows.size(); ++r)
        for (qsizetype c = 0; c < columns; ++c) {
            auto& wide = widths[static_cast<std::size_t>(c)];
            wide = std::max(wide,
                            naturalWidth(m_block.rows[r][c], r == 0 ? bold : style.body, style) + 2 * kCellPadding + 2);
        }
    qreal sum = 0;
    for (const auto wide : widths)
        sum += wide;
    const qreal available = m_width - left;
    if (sum > available) { // narrow columns keep what they need, wide ones share the rest
        const qreal fair = available / static_cast<qreal>(columns);
        qreal fixed = 0, flexible = 0;
        for (const auto wide : widths)
            (wide <= fair ? fixed : flexible) += wide;
        for (auto& wide : widths)
            if (wide > fair)
                wide = std::max(fair / 2, wide * (available - fixed) / flexible);
    }
    m_tableWidth = 0;
    for (const auto wide : widths)
        m_tableWidth += wide;
    qreal y = top;
    int begin = 0;
    for (qsizetype r = 0; r < m_block.rows.size(); ++r) {
        qreal x = left, tallest = 0;
        for (qsizetype c = 0; c < columns; ++c) {
            const auto& cell = m_block.rows[r][c];
            const qreal wide = widths[static_cast<std::size_t>(c)];
            const auto align = m_block.columns[c] == ColumnAlign::Right    ? Qt::AlignRight
                               : m_block.columns[c] == ColumnAlign::Centre ? Qt::AlignHCenter
                                                                           : Qt::AlignLeft;
            tallest = std::max(tallest,
                               addCell(cell, r == 0 ? bold : style.body, style, {x + kCellPadding, y + style.unit / 2},
                                       wide - 2 * kCellPadding, align, begin, static_cast<int>(r)));
            begin += static_cast<int>(cell.text.size()) + 1;
            x += wide;
        }
        y += tallest + style.unit;
        m_rowLines.push_back(y);
    }
    m_length = std::max(0, begin - 1);
    m_height = y;
}

void BlockLayout::drawFrame(QPainter& painter, QPointF origin, const RichStyle& style, bool copyHovered) const {
    for (int depth = 0; depth < m_block.quote; ++depth)
        painter.fillRect(QRectF(origin.x() + style.unit * 2 * depth, origin.y() + m_top, kQuoteLine, m_height - m_top),
                         style.border);
    if (!m_block.marker.isEmpty() && !m_cells.empty()) {
        const QFontMetricsF metrics(style.body);
        const auto line = m_cells.front().layout->lineAt(0);
        const qreal wide = metrics.horizontalAdvance(m_block.marker);
        painter.setFont(style.body);
        painter.setPen(style.muted);
        painter.drawText(
            QPointF(origin.x() + m_left - wide - style.unit, origin.y() + m_top + line.y() + line.ascent()),
            m_block.marker);
    }
    if (m_block.kind == BlockKind::Rule)
        painter.fillRect(QRectF(origin.x() + m_left, origin.y() + m_top + style.unit / 2, m_width - m_left, 1),
                         style.border);
    if (m_block.kind == BlockKind::Code) {
        QRectF box(origin.x() + m_left, origin.y() + m_top, m_width - m_left, m_height - m_top);
        painter.save();
        painter.setClipRect(box.intersected(painter.hasClipping() ? painter.clipBoundingRect() : box));
        painter.setPen(Qt::NoPen);
        painter.setBrush(style.codeBackground);
        // Round only where the whole code begins and ends.
        painter.drawRoundedRect(
            box.adjusted(0, m_block.continued ? -2 * kFrameRadius : 0, 0, m_block.unfinished ? 2 * kFrameRadius : 0),
            kFrameRadius, kFrameRadius);
        painter.restore();
        if (!m_block.continued) {
            const auto button = m_copyButton.translated(origin);
            painter.setFont(style.small);
            painter.setPen(style.muted);
            painter.drawText(QRectF(box.left() + style.unit * 1.5, button.top(), box.width() / 2, button.height()),
                             Qt::AlignVCenter | Qt::AlignLeft, m_block.language);
            painter.setPen(copyHovered ? style.link : style.muted);
            painter.drawText(button, Qt::AlignCenter, copyLabel());
        }
    }
    if (m_block.kind == BlockKind::Table) {
        for (std::size_t i = 0; i + 1 < m_rowLines.size() || i == 0; ++i)
            painter.fillRect(QRectF(origin.x() + m_left, origin.y() + m_rowLines[i], m_tableWidth, i == 0 ? 1.5 : 1),
                             style.border);
    }
}

void BlockLayout::draw(QPainter& painter, QPointF origin, const RichStyle& style, TextRange selected,
                       bool copyHovered) const {
    drawFrame(painter, origin, style, copyHovered);
    painter.setPen(m_block.quote > 0 ? style.muted : style.text);
    for (const auto& cell : m_cells) {
        QVector<QTextLayout::FormatRange> selections;
        const int length = static_cast<int>(cell.text->text.size());
        const int from = std::clamp(selected.begin - cell.begin, 0, length),
                  to = std::clamp(selected.end - cell.begin, 0, length);
        if (from < to) {
            QTextCharFormat format;
            format.setBackground(style.selection);
            format.setForeground(style.selectedText);
            selections.append({from, to - from, format});
        }
        cell.layout->draw(&painter, origin + cell.place, selections);
    }
}

int BlockLayout::offsetAt(QPointF point) const {
    const Cell* best = nullptr;
    qreal nearest = 0;
    for (const auto& cell : m_cells) {
        const auto box = cell.layout->boundingRect().translated(cell.place);
        const qreal dx = std::max({box.left() - point.x(), 0.0, point.x() - box.right()});
        const qreal dy = std::max({box.top() - point.y(), 0.0, point.y() - box.bottom()});
        const qreal distance = dy * 4 + dx; // the right row matters more than the right column
        if (best == nullptr || distance < nearest) {
            best = &cell;
            nearest = distance;
        }
    }
    if (best == nullptr)
        return 0;
    const auto inside = point - best->place;
    const auto& layout = *best->layout;
    for (int i = 0; i < layout.lineCount(); ++i) {
        const auto line = layout.lineAt(i);
        const bool last = i + 1 == layout.lineCount();
        if (last || inside.y() < layout.lineAt(i + 1).y())
            return best->begin + line.xToCursor(inside.x());
    }
    return best->begin;
}

TextRange BlockLayout::wordAt(int offset) const {
    for (const auto& cell : m_cells) {
        const int length = static_cast<int>(cell.text->text.size());
        const int at = offset - cell.begin;
        if (at < 0 || at > length)
            continue;
        const auto isWord = [&](int i) {
            return cell.text->text.at(i).isLetterOrNumber() || cell.text->text.at(i) == u'_';
        };
        int begin = at, end = at;
        while (begin > 0 && isWord(begin - 1))
            --begin;
        while (end < length && isWord(end))
            ++end;
        if (begin == end && end < length)
            ++end;
        return {cell.begin + begin, cell.begin + end};
    }
    return {};
}

QString BlockLayout::linkAt(QPointF point) const {
    for (const auto& cell : m_cells) {
        const auto inside = point - cell.place;
        for (int i = 0; i < cell.layout->lineCount(); ++i) {
            const auto line = cell.layout->lineAt(i);
            if (!line.naturalTextRect().contains(inside))
                continue;
            const int at = line.xToCursor(inside.x(), QTextLine::CursorOnCharacter);
            for (const auto& span : cell.text->spans)
                if ((span.styles & Link) && at >= span.begin && at < span.begin + span.length)
                    return span.target;
        }
    }
    return {};
}

qreal BlockLayout::estimateHeight(const RichBlock& block, const RichStyle& style, qreal width) {
    const qreal available = std::max(80.0, width - leftOf(block, style));
    const qreal perLine = available / (style.lineHeight * 0.45); // characters; an average letter is that wide
    const auto linesOf = [perLine](const QString& text) {
        return std::ceil(static_cast<qreal>(text.size()) / perLine) + static_cast<qreal>(text.count(u'\n'));
    };
    qreal high = gapAbove(block, style);
    switch (block.kind) {
    case BlockKind::Rule:
        return high + style.unit;
    case BlockKind::Table:
        for (const auto& row : block.rows) {
            qreal lines = 1;
            for (const auto& cell : row)
                lines = std::max(lines, std::ceil(static_cast<qreal>(cell.text.size() * row.size()) / perLine));
            high += lines * style.lineHeight * kLineStretch + style.unit;
        }
        return high;
    case BlockKind::Code:
        return high + (static_cast<qreal>(block.text.text.count(u'\n')) + 1) * style.lineHeight * 1.1 +
               (block.continued ? 0 : headerHeight(style)) + style.unit;
    default:
        return high + std::max(1.0, linesOf(block.text.text)) * style.lineHeight * kLineStretch;
    }
}

} // namespace bathy::widgets
