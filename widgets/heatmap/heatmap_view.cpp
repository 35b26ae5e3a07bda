#include "widgets/heatmap/heatmap_view.h"

#include "widgets/common/view_colours.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace bathy::widgets {

HeatmapView::HeatmapView(QWidget* parent) : QWidget(parent), m_data(std::make_shared<HeatmapData>()) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

HeatmapStyle HeatmapView::layoutStyle() const {
    const QFontMetricsF metrics(font());
    HeatmapStyle style;
    style.lineHeight = metrics.height();
    style.textWidth = [metrics](const QString& text) { return metrics.horizontalAdvance(text); };
    return style;
}

void HeatmapView::setData(std::shared_ptr<const HeatmapData> shown) {
    const bool sameShape = shown->rows == m_data->rows && shown->columns == m_data->columns;
    m_data = std::move(shown);
    if (!sameShape) {
        m_cursor = {};
        m_hover = {};
        updateGeometry();
    }
    relayout();
}

void HeatmapView::setScale(const ColourScale& scale) {
    m_scale = scale;
    update();
}

void HeatmapView::setSelected(HeatmapCell cell) {
    if (cell == m_selected)
        return;
    m_selected = cell;
    if (cell.isValid())
        m_cursor = cell;
    update();
}

void HeatmapView::relayout() {
    m_layout = layoutHeatmap(*m_data, size(), layoutStyle());
    update();
}

QSize HeatmapView::sizeHint() const {
    const auto style = layoutStyle();
    return {480, static_cast<int>(style.lineHeight * 3) + std::clamp(m_data->rows * 12, 160, 480)};
}

QSize HeatmapView::minimumSizeHint() const {
    return heatmapMinimumSize(*m_data, layoutStyle());
}

void HeatmapView::paintMap(QPainter& painter, const HeatmapLayout& layout) const {
    const auto colours = ViewColours::from(palette());
    const auto& ramp = ColourRamp::sequential(colours.dark);
    painter.fillRect(layout.map.adjusted(-1, -1, 1 - layout.gap, 1 - layout.gap),
                     mixed(colours.base, colours.line, 0.35));
    if (layout.gap > 0) { // what was never chosen is seen as an empty cell
        const QColor empty = QColor::fromRgb(ramp.at(0));
        for (std::size_t row = 0; row + 1 < layout.rowEdges.size(); ++row)
            for (std::size_t column = 0; column + 1 < layout.columnEdges.size(); ++column)
                painter.fillRect(layout.rectOf({static_cast<int>(row), static_cast<int>(column)}), empty);
    } else {
        painter.fillRect(layout.map, QColor::fromRgb(ramp.at(0)));
    }
    for (const auto& box : layout.boxes)
        painter.fillRect(box.rect, QColor::fromRgb(ramp.at(m_scale.share(box.value))));
    painter.setPen(QPen(colours.text, 1));
    for (const auto& cell : m_data->crossed) {
        if (cell.row >= m_data->rows || cell.column >= m_data->columns)
            continue;
        const auto rect = layout.rectOf(cell).adjusted(0, 0, -1, -1);
        painter.drawLine(rect.topLeft(), rect.bottomRight());
        painter.drawLine(rect.bottomLeft(), rect.topRight());
    }
    for (const auto& hatch : layout.hatches)
        painter.fillRect(hatch, QBrush(mixed(colours.base, colours.muted, 0.45), Qt::BDiagPattern));
    for (const auto& bar : layout.bars) {
        painter.fillRect(bar.frame, mixed(colours.base, colours.line, 0.6));
        auto filled = bar.frame;
        filled.setWidth(bar.frame.width() * bar.share);
        painter.fillRect(filled, colours.series[0]);
    }
    for (const auto& text : layout.texts) {
        painter.setPen(text.title ? colours.muted : colours.text);
        painter.drawText(text.rect, static_cast<int>(text.alignment | Qt::AlignVCenter | Qt::TextDontClip), text.text);
    }
}

void HeatmapView::paintTo(QPainter& painter, QSize size) const {
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    painter.setFont(font());
    paintMap(painter, layoutHeatmap(*m_data, size, layoutStyle()));
}

void HeatmapView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    if (m_layout.map.isEmpty())
        return;
    paintMap(painter, m_layout);
    const auto colours = ViewColours::from(palette());
    const auto frame = [&](QRect rect, const QPen& pen) {
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect.adjusted(-1, -1, 0, 0));
    };
    if (m_hover.isValid())
        frame(m_layout.rectOf(m_hover), QPen(colours.text, 1));
    if (m_selected.row >= 0 && m_selected.row < m_data->rows) {
        const bool wholeRow = m_selected.column < 0 || m_selected.column >= m_data->columns;
        auto rect = m_layout.rectOf({m_selected.row, wholeRow ? 0 : m_selected.column});
        if (wholeRow)
            rect.setRight(m_layout.map.right());
        // Two strokes, light and dark, so that it stands out on every colour of the map.
        frame(rect.adjusted(-1, -1, 1, 1), QPen(colours.base, 1));
        frame(rect.adjusted(-2, -2, 2, 2), QPen(colours.text, 2));
    }
    if (hasFocus() && m_cursor.isValid())
        frame(m_layout.rectOf(m_cursor).adjusted(-1, -1, 1, 1), QPen(colours.text, 1, Qt::DashLine));
}

void HeatmapView::resizeEvent(QResizeEvent*) {
    relayout();
}

void HeatmapView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange)
        relayout();
    QWidget::changeEvent(event);
}

HeatmapCell HeatmapView::strongestIn(HeatmapCell cell) const {
    if (!cell.isValid())
        return {};
    HeatmapCell best = cell;
    for (const auto& box : m_layout.boxes) {
        if (box.row > cell.row || box.row + box.rowCount <= cell.row || box.column > cell.column ||
            box.column + box.columnCount <= cell.column)
            continue;
        for (int row = box.row; row < box.row + box.rowCount; ++row)
            for (int column = box.column; column < box.column + box.columnCount; ++column)
                if (!(m_data->value(row, column) <= m_data->value(best.row, best.column)))
                    best = {row, column};
    }
    return best;
}

bool HeatmapView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_describe) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto cell = strongestIn(m_layout.cellAt(help->pos()));
        if (cell.isValid())
            QToolTip::showText(help->globalPos(), m_describe(cell), this, m_layout.rectOf(cell));
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event) {
    const auto cell = m_layout.cellAt(event->position());
    if (cell == m_hover)
        return;
    m_hover = cell;
    update();
}

void HeatmapView::leaveEvent(QEvent*) {
    m_hover = {};
    update();
}

void HeatmapView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const auto cell = strongestIn(m_layout.cellAt(event->position()));
    if (!cell.isValid())
        return;
    setCursorCell(cell);
    Q_EMIT activated(cell.row, cell.column);
}

void HeatmapView::contextMenuEvent(QContextMenuEvent* event) {
    const bool byMouse = event->reason() == QContextMenuEvent::Mouse;
    const auto cell = byMouse ? strongestIn(m_layout.cellAt(event->pos())) : m_cursor;
    if (!cell.isValid() || cell.row >= m_data->rows || cell.column >= m_data->columns)
        return;
    setCursorCell(cell);
    Q_EMIT menuAsked(cell.row, cell.column,
                     byMouse ? event->globalPos() : mapToGlobal(m_layout.rectOf(cell).bottomRight()));
}

void HeatmapView::setCursorCell(HeatmapCell cell) {
    m_cursor = {std::clamp(cell.row, 0, m_data->rows - 1), std::clamp(cell.column, 0, m_data->columns - 1)};
    if (m_describe) {
        setAccessibleDescription(m_describe(m_cursor));
        QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&changed);
    }
    update();
}

void HeatmapView::keyPressEvent(QKeyEvent* event) {
    if (m_data->isEmpty() || (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier))) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto at = m_cursor.isValid() ? m_cursor : HeatmapCell{0, 0};
    switch (event->key()) {
    case Qt::Key_Left:
        return setCursorCell({at.row, at.column - 1});
    case Qt::Key_Right:
        return setCursorCell({at.row, at.column + 1});
    case Qt::Key_Up:
        return setCursorCell({at.row - 1, at.column});
    case Qt::Key_Down:
        return setCursorCell({at.row + 1, at.column});
    case Qt::Key_Home:
        return setCursorCell({at.row, 0});
    case Qt::Key_End:
        return setCursorCell({at.row, m_data->columns - 1});
    case Qt::Key_PageUp:
        return setCursorCell({0, at.column});
    case Qt::Key_PageDown:
        return setCursorCell({m_data->rows - 1, at.column});
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        setCursorCell(at);
        Q_EMIT activated(at.row, at.column);
        return;
    case Qt::Key_Escape:
        Q_EMIT cleared();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace bathy::widgets
