#include "widgets/minimap/minimap_view.h"

#include "widgets/common/view_colours.h"

#include <QMouseEvent>
#include <QPainter>

namespace bathy::widgets {
namespace {

constexpr int kWidth = 34;
constexpr int kMarkWidth = 5;    // left of the strip
constexpr int kMostPerToken = 4; // pixels

} // namespace

MinimapView::MinimapView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setAccessibleName(tr("The whole text"));
    setToolTip(tr("The whole text from top to bottom. Click to go there."));
    setCursor(Qt::PointingHandCursor);
}

QSize MinimapView::sizeHint() const {
    return {kWidth, 200};
}

QSize MinimapView::minimumSizeHint() const {
    return {kWidth, 60};
}

void MinimapView::setData(std::shared_ptr<const MinimapData> shown) {
    m_data = std::move(shown);
    m_layout = layoutMinimap(*m_data, height(), kMostPerToken);
    update();
}

void MinimapView::setScale(const ColourScale& scale) {
    m_scale = scale;
    update();
}

void MinimapView::setVisibleTokens(std::int64_t begin, std::int64_t end) {
    m_visibleBegin = begin;
    m_visibleEnd = end;
    update();
}

void MinimapView::paintTo(QPainter& painter, QRect area) const {
    const auto colours = ViewColours::from(palette());
    const auto& ramp = ColourRamp::sequential(colours.dark);
    const auto layout = layoutMinimap(*m_data, area.height(), kMostPerToken);
    const QRect strip(area.left() + kMarkWidth + 2, area.top(), area.width() - kMarkWidth - 2,
                      static_cast<int>(layout.rows.size()));
    painter.fillRect(strip, mixed(colours.base, colours.line, 0.35));
    for (int row = 0; row < strip.height(); ++row)
        if (const auto value = layout.rows[static_cast<std::size_t>(row)]; value > 0)
            painter.fillRect(strip.left(), strip.top() + row, strip.width(), 1,
                             QColor::fromRgb(ramp.at(m_scale.share(value))));
    for (const auto& mark : m_data->marks) {
        const auto [first, last] = layout.rowsOf(mark.begin, mark.end);
        painter.fillRect(area.left(), area.top() + first, kMarkWidth, std::max(2, last - first), colours.accent);
    }
    if (m_data->cursor >= 0 && strip.height() > 0) {
        const auto [first, last] = layout.rowsOf(m_data->cursor, m_data->cursor + 1);
        painter.fillRect(area.left(), area.top() + first, area.width(), std::max(2, last - first), colours.text);
    }
}

void MinimapView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintTo(painter, rect());
    if (m_visibleEnd <= m_visibleBegin)
        return;
    const auto [first, last] = m_layout.rowsOf(m_visibleBegin, m_visibleEnd);
    painter.setPen(ViewColours::from(palette()).muted);
    painter.drawRect(kMarkWidth + 2, first, width() - kMarkWidth - 3, std::max(2, last - first - 1));
}

void MinimapView::resizeEvent(QResizeEvent*) {
    m_layout = layoutMinimap(*m_data, height(), kMostPerToken);
}

void MinimapView::point(double y) {
    if (const auto token = m_layout.tokenAt(y); token >= 0)
        Q_EMIT tokenPointed(token);
}

void MinimapView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        point(event->position().y());
}

void MinimapView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton)
        point(event->position().y());
}

} // namespace bathy::widgets
