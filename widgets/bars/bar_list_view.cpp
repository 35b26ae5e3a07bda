#include "widgets/bars/bar_list_view.h"

#include "widgets/common/view_colours.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace bathy::widgets {
namespace {

constexpr int kLeastWidth = 150;

QColor badgeColour(NumberSource source, const ViewColours& colours) {
    switch (source) {
    case NumberSource::Measured:
        return colours.series[3];
    case NumberSource::Derived:
        return colours.series[6];
    case NumberSource::Estimated:
        return colours.series[1];
    }
    return colours.muted;
}

} // namespace

void paintBadge(QPainter& painter, QRectF rect, NumberSource source, const QPalette& palette) {
    const auto colours = ViewColours::from(palette);
    const auto colour = badgeColour(source, colours);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(mixed(colours.base, colour, 0.7), 1));
    painter.setBrush(mixed(colours.base, colour, 0.12));
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
    painter.setPen(mixed(colours.text, colour, 0.25));
    painter.drawText(rect, Qt::AlignCenter, sourceName(source));
    painter.restore();
}

BarListView::BarListView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

BarListLayout BarListView::layoutFor(double width) const {
    const QFontMetricsF metrics(font());
    return layoutBarList(m_data, width, {metrics.height(), [&metrics](const QString& text) {
                                             return metrics.horizontalAdvance(text) + 1;
                                         }});
}

void BarListView::setData(BarListData shown) {
    const bool sameHeight = shown.rows.size() == m_data.rows.size() && shown.title.isEmpty() == m_data.title.isEmpty();
    m_data = std::move(shown);
    QString spoken;
    for (const auto& row : m_data.rows)
        spoken += row.label + QLatin1Char(' ') + row.text + QLatin1Char('\n');
    setAccessibleDescription(spoken);
    if (!sameHeight)
        updateGeometry();
    update();
}

double BarListView::heightFor(double width) const {
    return layoutFor(width).height;
}

QSize BarListView::sizeHint() const {
    return {kLeastWidth, static_cast<int>(std::ceil(heightFor(width())))};
}

QSize BarListView::minimumSizeHint() const {
    return sizeHint();
}

void BarListView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange)
        updateGeometry();
    QWidget::changeEvent(event);
}

void BarListView::paintTo(QPainter& painter, QRectF area) const {
    const auto colours = ViewColours::from(palette());
    const auto layout = layoutFor(area.width());
    painter.save();
    painter.translate(area.topLeft());
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    painter.setPen(colours.muted);
    painter.drawText(layout.title, Qt::AlignLeft | Qt::AlignVCenter, m_data.title);
    for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
        const auto& box = layout.boxes[i];
        const auto& row = m_data.rows[i];
        painter.fillRect(box.frame, mixed(colours.base, colours.line, 0.45));
        painter.fillRect(box.filled, colours.series[static_cast<std::size_t>(row.series) % kSeriesColours]);
        auto boldFont = font();
        boldFont.setBold(row.emphasised);
        painter.setFont(boldFont);
        painter.setPen(colours.text);
        painter.drawText(box.label, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetricsF(boldFont).elidedText(row.label, Qt::ElideRight, box.label.width()));
        painter.drawText(box.text, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, row.text);
        painter.setFont(font());
        if (row.source)
            paintBadge(painter, box.badge, *row.source, palette());
    }
    painter.restore();
}

void BarListView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintTo(painter, rect());
}

bool BarListView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = layoutFor(width()).rowAt(help->pos());
        if (row < 0)
            return true;
        const auto& shown = m_data.rows[static_cast<std::size_t>(row)];
        QStringList lines{shown.tip.isEmpty() ? shown.label + QStringLiteral(": ") + shown.text : shown.tip};
        if (shown.source)
            lines << sourceExplanation(*shown.source);
        QToolTip::showText(help->globalPos(), lines.join(QLatin1Char('\n')), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace bathy::widgets
