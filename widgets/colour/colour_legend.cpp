#include "widgets/colour/colour_legend.h"

#include "widgets/common/view_colours.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace bathy::widgets {
namespace {

constexpr int kBarHeight = 10;
constexpr int kHandle = 5; // half the width of a handle
constexpr double kKeyStep = 0.02;

} // namespace

ColourLegend::ColourLegend(QWidget* parent) : QWidget(parent) {
    m_format = [](double v) { return QString::number(v, 'g', 3); };
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Colour range"));
    setToolTip(tr("Drag the handles to set the range of colours.\nDouble-click: follow the data again.\n"
                  "Keys: left and right move the upper handle, up and down the lower one."));
}

void ColourLegend::setScale(const ColourScale& scale, ColourRange full) {
    m_scale = scale;
    m_full = full;
    update();
}

void ColourLegend::setAutomatic(bool automatic) {
    m_automatic = automatic;
    update();
}

QSize ColourLegend::sizeHint() const {
    return {240, kBarHeight + kHandle + 4 + fontMetrics().height()};
}
QSize ColourLegend::minimumSizeHint() const {
    return {120, sizeHint().height()};
}

QRect ColourLegend::barIn(QRect area) const {
    return {area.left() + kHandle, area.top() + 1, area.width() - 2 * kHandle, kBarHeight};
}

double ColourLegend::handleX(Handle handle) const {
    const auto bar = barIn(rect());
    const double value = handle == Handle::Low ? m_scale.range().low : m_scale.range().high;
    return bar.left() + fullScale().share(value) * bar.width();
}

void ColourLegend::paintTo(QPainter& painter, QRect area) const {
    const auto colours = ViewColours::from(palette());
    const auto& ramp = ColourRamp::sequential(colours.dark);
    const auto bar = barIn(area);
    for (int x = 0; x < bar.width(); ++x) {
        const double value = fullScale().valueAt((x + 0.5) / bar.width());
        painter.fillRect(bar.left() + x, bar.top(), 1, bar.height(), QColor::fromRgb(ramp.at(m_scale.share(value))));
    }
    painter.setPen(colours.line);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(bar.adjusted(0, 0, -1, -1));
    painter.setPen(colours.muted);
    const QFontMetrics metrics(font());
    const int textTop = bar.bottom() + kHandle + 1;
    double free = area.left(); // labels never overlap
    for (const double tick : fullScale().ticks(std::max(2, area.width() / (metrics.averageCharWidth() * 9)))) {
        const auto text = m_format(tick);
        const int width = metrics.horizontalAdvance(text);
        const double at = bar.left() + fullScale().share(tick) * bar.width();
        const double left =
            std::clamp<double>(at - width / 2.0, area.left(), std::max(area.left(), area.right() - width));
        if (left < free)
            continue;
        painter.drawText(QRectF(left, textTop, width + 1, metrics.height()), Qt::AlignLeft | Qt::AlignTop, text);
        painter.drawLine(QPointF(at, bar.bottom()), QPointF(at, bar.bottom() + 2));
        free = left + width + metrics.averageCharWidth();
    }
}

void ColourLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintTo(painter, rect());
    const auto colours = ViewColours::from(palette());
    const auto bar = barIn(rect());
    painter.setRenderHint(QPainter::Antialiasing);
    for (const auto handle : {Handle::Low, Handle::High}) {
        const double x = handleX(handle);
        QPainterPath triangle(QPointF(x, bar.bottom() - 2));
        triangle.lineTo(x - kHandle, bar.bottom() + kHandle + 1);
        triangle.lineTo(x + kHandle, bar.bottom() + kHandle + 1);
        triangle.closeSubpath();
        painter.setPen(QPen(colours.base, 1));
        painter.setBrush(m_automatic ? colours.muted : colours.accent);
        painter.drawPath(triangle);
    }
    if (hasFocus()) {
        painter.setPen(QPen(colours.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(bar.adjusted(-2, -1, 1, 0));
    }
}

void ColourLegend::moveHandle(Handle handle, double share) {
    const double value = fullScale().valueAt(std::clamp(share, 0.0, 1.0));
    auto range = m_scale.range();
    const double least = (m_full.high - m_full.low) * 1e-3;
    if (handle == Handle::Low)
        range.low = std::min(value, range.high - least);
    else
        range.high = std::max(value, range.low + least);
    m_automatic = false;
    m_scale = {range, m_scale.kind()};
    update();
    Q_EMIT rangeChosen(range.low, range.high);
}

void ColourLegend::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const double x = event->position().x();
    m_dragged = std::abs(x - handleX(Handle::Low)) < std::abs(x - handleX(Handle::High)) ? Handle::Low : Handle::High;
}

void ColourLegend::mouseMoveEvent(QMouseEvent* event) {
    if (m_dragged == Handle::None)
        return;
    const auto bar = barIn(rect());
    moveHandle(m_dragged, (event->position().x() - bar.left()) / std::max(1, bar.width()));
}

void ColourLegend::mouseReleaseEvent(QMouseEvent*) {
    m_dragged = Handle::None;
}

void ColourLegend::mouseDoubleClickEvent(QMouseEvent*) {
    m_dragged = Handle::None;
    m_automatic = true;
    update();
    Q_EMIT automaticChosen();
}

void ColourLegend::keyPressEvent(QKeyEvent* event) {
    const auto shareOf = [this](double value) { return fullScale().share(value); };
    switch (event->key()) {
    case Qt::Key_Left:
        return moveHandle(Handle::High, shareOf(m_scale.range().high) - kKeyStep);
    case Qt::Key_Right:
        return moveHandle(Handle::High, shareOf(m_scale.range().high) + kKeyStep);
    case Qt::Key_Down:
        return moveHandle(Handle::Low, shareOf(m_scale.range().low) - kKeyStep);
    case Qt::Key_Up:
        return moveHandle(Handle::Low, shareOf(m_scale.range().low) + kKeyStep);
    case Qt::Key_Escape:
        return mouseDoubleClickEvent(nullptr);
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace bathy::widgets
