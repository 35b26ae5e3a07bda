#include "app/panels/models/layer_strip.h"

#include "app/panels/models/category_colours.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>

namespace bathy::panels {
namespace {

constexpr int kCellHeight = 24;
constexpr int kHashLine = 3;
constexpr double kMaxCell = 28;
constexpr int kGap = 8;
constexpr int kSwatch = 10;

} // namespace

LayerStrip::LayerStrip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void LayerStrip::setLayers(QVector<models::LayerMark> layers) {
    m_layers = std::move(layers);
    QStringList words;
    for (const auto& layer : m_layers)
        words << layer.explanation;
    setAccessibleName(tr("Layers of the model"));
    setAccessibleDescription(words.join(QLatin1Char('\n')));
    update();
}

QSize LayerStrip::sizeHint() const {
    return {240, kCellHeight + kHashLine + 2 + kGap + 4 * (fontMetrics().height() + 2)};
}

double LayerStrip::cellWidth() const {
    return m_layers.isEmpty() ? 0 : std::min(kMaxCell, width() / static_cast<double>(m_layers.size()));
}

void LayerStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const double cell = cellWidth();
    const double gap = cell > 6 ? 2 : 0.5;
    for (int i = 0; i < m_layers.size(); ++i) {
        const auto& layer = m_layers.at(i);
        painter.setBrush(categoryColour(palette(), static_cast<int>(layer.kind)));
        painter.drawRoundedRect(QRectF(i * cell, 0, cell - gap, kCellHeight), 2, 2);
        if (layer.hashRouted) {
            painter.setBrush(palette().color(QPalette::WindowText));
            painter.drawRect(QRectF(i * cell, kCellHeight + 2, cell - gap, kHashLine));
        }
    }
    double y = kCellHeight + kHashLine + 2 + kGap;
    const int line = fontMetrics().height() + 2;
    for (const auto& entry : legend()) {
        const bool isLine = entry.kind < 0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(isLine ? palette().color(QPalette::WindowText) : categoryColour(palette(), entry.kind));
        const double high = isLine ? kHashLine : kSwatch;
        painter.drawRoundedRect(QRectF(0, y + (line - high) / 2, kSwatch, high), isLine ? 0 : 2, isLine ? 0 : 2);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(kSwatch + kGap, y, width(), line), Qt::AlignVCenter | Qt::AlignLeft, entry.text);
        y += line;
    }
}

QVector<LayerStrip::LegendEntry> LayerStrip::legend() const {
    const std::array names{tr("Sliding window"),   tr("Compressed sparse"),       tr("Heavily compressed"),
                           tr("Latent attention"), tr("Sparse latent attention"), tr("Grouped-query attention")};
    QVector<LegendEntry> entries;
    for (std::size_t kind = 0; kind < names.size(); ++kind)
        if (std::any_of(m_layers.begin(), m_layers.end(),
                        [&](const auto& layer) { return static_cast<std::size_t>(layer.kind) == kind; }))
            entries.append({static_cast<int>(kind), names.at(kind)});
    if (std::any_of(m_layers.begin(), m_layers.end(), [](const auto& layer) { return layer.hashRouted; }))
        entries.append({-1, tr("Line: experts fixed by the token (hash)")});
    return entries;
}

bool LayerStrip::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = cellWidth() > 0 ? static_cast<int>(help->pos().x() / cellWidth()) : -1;
    if (index >= 0 && index < m_layers.size() && help->pos().y() < kCellHeight + kGap)
        QToolTip::showText(help->globalPos(), m_layers.at(index).explanation, this);
    else
        QToolTip::hideText();
    return true;
}

} // namespace bathy::panels
