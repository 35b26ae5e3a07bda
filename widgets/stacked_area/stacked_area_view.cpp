#include "widgets/stacked_area/stacked_area_view.h"

#include "widgets/common/number_format.h"
#include "widgets/common/view_colours.h"

#include <QHelpEvent>
#include <QLocale>
#include <QPicture>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <algorithm>

namespace bathy::widgets {
namespace {

QVector<double> vectorOf(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

QSharedPointer<QCPAxisTickerText> tickerOf(const std::vector<ChartTick>& ticks) {
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (const auto& tick : ticks)
        ticker->addTick(tick.at, tick.label);
    return ticker;
}

} // namespace

StackedAreaView::StackedAreaView(QWidget* parent) : QWidget(parent), m_plot(new QCustomPlot(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);
    m_plot->setMinimumSize(minimumSizeHint());
    m_plot->setFocusPolicy(Qt::NoFocus); // the table twin is for keyboards
    m_plot->installEventFilter(this);
    m_plot->axisRect()->setMinimumMargins(QMargins(8, 8, 12, 8));
}

StackedAreaView::~StackedAreaView() = default;

void StackedAreaView::setData(StackedAreaData shown) {
    m_data = std::move(shown);
    rebuild();
}

void StackedAreaView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    rebuild();
}

void StackedAreaView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        rebuild();
    QWidget::changeEvent(event);
}

void StackedAreaView::styleAxes() {
    const auto colours = ViewColours::from(palette());
    m_plot->setBackground(QBrush(colours.base));
    for (auto* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setBasePen(QPen(colours.line));
        axis->setTickPen(QPen(colours.line));
        axis->setSubTicks(false);
        axis->setTickLabelColor(colours.text);
        axis->setTickLabelFont(font());
        axis->setLabelColor(colours.muted);
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(mixed(colours.base, colours.line, 0.5), 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    m_plot->xAxis->setLabel(m_data.xTitle);
    m_plot->yAxis->setLabel(m_data.yTitle);
    m_plot->legend->setBrush(QColor(colours.base.red(), colours.base.green(), colours.base.blue(), 200));
    m_plot->legend->setBorderPen(Qt::NoPen);
    m_plot->legend->setTextColor(colours.text);
    m_plot->legend->setFont(font());
    // Where the curves are not: they rise to the right, and on logarithmic heights they rise at once.
    m_plot->axisRect()->insetLayout()->setInsetAlignment(0, m_data.logarithmic ? Qt::AlignBottom | Qt::AlignRight
                                                                               : Qt::AlignTop | Qt::AlignLeft);
}

void StackedAreaView::addAreas(const StackedAreaLayout& layout) {
    const auto colours = ViewColours::from(palette());
    const auto x = vectorOf(layout.x);
    QCPGraph* below = nullptr;
    for (std::size_t i = 0; i < m_data.areas.size(); ++i) {
        const auto colour = colours.series[static_cast<std::size_t>(m_data.areas[i].series) % kSeriesColours];
        auto* graph = m_plot->addGraph();
        graph->setData(x, vectorOf(layout.tops[i]), true);
        graph->setPen(QPen(colour, 1));
        graph->setBrush(mixed(colours.base, colour, 0.75));
        graph->setChannelFillGraph(below); // null: down to zero
        graph->removeFromLegend();
        below = graph;
    }
}

void StackedAreaView::addCurves(const StackedAreaLayout& layout) {
    const auto colours = ViewColours::from(palette());
    for (std::size_t i = 0; i < m_data.curves.size(); ++i) {
        const auto& curve = m_data.curves[i];
        auto* graph = m_plot->addGraph();
        graph->setData(vectorOf(layout.x), vectorOf(layout.heights[i]), true);
        graph->setPen(QPen(colours.series[static_cast<std::size_t>(curve.series) % kSeriesColours], 2,
                           curve.dashed ? Qt::DashLine : Qt::SolidLine));
        graph->setName(curve.name);
    }
    m_plot->legend->setVisible(!m_data.curves.empty());
}

void StackedAreaView::addMarker(const StackedAreaLayout& layout) {
    if (std::isnan(m_data.marker) || m_data.marker < layout.xLow || m_data.marker > layout.xHigh)
        return;
    auto* line = new QCPItemStraightLine(m_plot); // owned by the plot
    line->point1->setCoords(m_data.marker, layout.yLow);
    line->point2->setCoords(m_data.marker, layout.yHigh);
    line->setPen(QPen(palette().color(QPalette::Highlight), 1.5));
}

void StackedAreaView::rebuild() {
    m_plot->clearGraphs();
    m_plot->clearItems();
    styleAxes();
    // The plot's own margins depend on the labels, so the size is a close guess; ticks do not need more.
    const auto layout = layoutStackedArea(m_data, QSizeF(m_plot->width() - 80, m_plot->height() - 50));
    m_plot->yAxis->setScaleType(m_data.logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    m_plot->xAxis->setTicker(tickerOf(layout.xTicks));
    m_plot->yAxis->setTicker(tickerOf(layout.yTicks));
    if (!m_data.logarithmic)
        addAreas(layout);
    addCurves(layout);
    addMarker(layout);
    m_plot->xAxis->setRange(layout.xLow, layout.xHigh);
    m_plot->yAxis->setRange(layout.yLow, layout.yHigh);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QString StackedAreaView::describe(double x) const {
    if (m_data.x.empty())
        return {};
    const auto after = std::lower_bound(m_data.x.begin(), m_data.x.end(), x);
    auto at = std::min<std::ptrdiff_t>(after - m_data.x.begin(), static_cast<std::ptrdiff_t>(m_data.x.size()) - 1);
    if (at > 0 && x - m_data.x[static_cast<std::size_t>(at) - 1] < m_data.x[static_cast<std::size_t>(at)] - x)
        --at;
    const auto i = static_cast<std::size_t>(at);
    QStringList lines{tr("%1 tokens").arg(QLocale().toString(static_cast<qlonglong>(m_data.x[i])))};
    double sum = 0;
    for (auto area = m_data.areas.rbegin(); area != m_data.areas.rend(); ++area) { // as they lie on the screen
        lines << QStringLiteral("%1: %2").arg(area->name, formatBytes(area->values[i]));
        sum += area->values[i];
    }
    if (m_data.areas.size() > 1)
        lines << tr("together: %1").arg(formatBytes(sum));
    for (const auto& curve : m_data.curves)
        lines << QStringLiteral("%1: %2").arg(curve.name, formatBytes(curve.values[i]));
    return lines.join(QLatin1Char('\n'));
}

bool StackedAreaView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_plot && event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), describe(m_plot->xAxis->pixelToCoord(help->pos().x())), this);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void StackedAreaView::paintTo(QPainter& painter, QRect area) const {
    QPicture picture;
    {
        QCPPainter recorder(&picture);
        recorder.setModes(QCPPainter::pmVectorized | QCPPainter::pmNoCaching);
        m_plot->toPainter(&recorder, area.width(), area.height());
    }
    painter.drawPicture(area.topLeft(), picture);
}

} // namespace bathy::widgets
