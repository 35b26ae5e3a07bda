#include "widgets/segments/segment_rows_view.h"

#include "widgets/colour/colour_scale.h"
#include "widgets/common/view_colours.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace bathy::widgets {

SegmentRowsView::SegmentRowsView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

SegmentRowsLayout SegmentRowsView::layoutFor(double width) const {
    const QFontMetricsF metrics(font());
    return layoutSegmentRows(m_data, width, {metrics.height(), metrics.horizontalAdvance(QLatin1Char('0'))});
}

void SegmentRowsView::setData(SegmentRowsData shown) {
    const bool sameHeight = shown.rows.size() == m_data.rows.size() && shown.title.isEmpty() == m_data.title.isEmpty();
    m_data = std::move(shown);
    if (!sameHeight)
        updateGeometry();
    update();
}

void SegmentRowsView::setSelected(int row, int key) {
    m_selectedRow = row;
    m_selectedKey = key;
    update();
}

QSize SegmentRowsView::sizeHint() const {
    return {160, static_cast<int>(std::ceil(layoutFor(width()).height))};
}

void SegmentRowsView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

void SegmentRowsView::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    const auto colours = ViewColours::from(palette());
    const auto& ramp = ColourRamp::sequential(colours.dark);
    const auto layout = layoutFor(width());
    painter.setPen(colours.muted);
    painter.drawText(layout.title, Qt::AlignLeft | Qt::AlignVCenter, m_data.title);
    for (std::size_t row = 0; row < layout.labels.size(); ++row) {
        if (m_data.rows[row].hatched)
            painter.fillRect(layout.labels[row], QBrush(mixed(colours.base, colours.muted, 0.45), Qt::BDiagPattern));
        painter.setPen(colours.text);
        painter.drawText(layout.labels[row].adjusted(0, 0, -4, 0), Qt::AlignRight | Qt::AlignVCenter,
                         m_data.rows[row].label);
    }
    double largest = 0;
    for (const auto& row : m_data.rows)
        for (const auto& segment : row.segments)
            largest = std::max(largest, segment.value);
    for (const auto& box : layout.boxes) {
        if (!box.rect.intersects(event->rect()))
            continue;
        const auto& segment =
            m_data.rows[static_cast<std::size_t>(box.row)].segments[static_cast<std::size_t>(box.index)];
        const double share = 0.15 + 0.7 * segment.value / largest;
        painter.fillRect(box.rect, QColor::fromRgb(ramp.at(share)));
        if (box.labelled) {
            painter.setPen(ramp.inkAt(share));
            painter.drawText(box.rect, Qt::AlignCenter, QString::number(segment.key));
        }
        const bool isSelected = box.row == m_selectedRow && segment.key == m_selectedKey;
        const bool isCursor = hasFocus() && box.row == m_cursorRow && box.index == m_cursorIndex;
        if (isSelected || isCursor) {
            painter.setPen(isSelected ? QPen(colours.text, 2) : QPen(colours.text, 1, Qt::DashLine));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(box.rect.adjusted(0.5, 0.5, -0.5, -0.5));
        }
    }
}

bool SegmentRowsView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_describe) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto layout = layoutFor(width());
        if (const auto* box = layout.boxAt(help->pos()))
            QToolTip::showText(help->globalPos(), m_describe(box->row, box->index), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void SegmentRowsView::mousePressEvent(QMouseEvent* event) {
    const auto layout = layoutFor(width());
    const auto* box = layout.boxAt(event->position());
    if (!box || event->button() != Qt::LeftButton)
        return;
    moveCursor(box->row, box->index);
    Q_EMIT activated(
        box->row, m_data.rows[static_cast<std::size_t>(box->row)].segments[static_cast<std::size_t>(box->index)].key);
}

void SegmentRowsView::moveCursor(int row, int index) {
    const int rows = static_cast<int>(m_data.rows.size());
    if (rows == 0)
        return;
    m_cursorRow = std::clamp(row, 0, rows - 1);
    const auto& segments = m_data.rows[static_cast<std::size_t>(m_cursorRow)].segments;
    m_cursorIndex = std::clamp(index, 0, std::max(0, static_cast<int>(segments.size()) - 1));
    if (m_describe && !segments.empty())
        setAccessibleDescription(m_describe(m_cursorRow, m_cursorIndex));
    update();
}

void SegmentRowsView::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
        return moveCursor(m_cursorRow - 1, m_cursorIndex);
    case Qt::Key_Down:
        return moveCursor(m_cursorRow + 1, m_cursorIndex);
    case Qt::Key_Left:
        return moveCursor(m_cursorRow, m_cursorIndex - 1);
    case Qt::Key_Right:
        return moveCursor(m_cursorRow, m_cursorIndex + 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: {
        if (m_cursorRow >= static_cast<int>(m_data.rows.size()))
            return;
        const auto& segments = m_data.rows[static_cast<std::size_t>(m_cursorRow)].segments;
        if (m_cursorIndex < static_cast<int>(segments.size()))
            Q_EMIT activated(m_cursorRow, segments[static_cast<std::size_t>(m_cursorIndex)].key);
        return;
    }
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace bathy::widgets
