#include "app/panels/memory/memory_panel.h"

#include "widgets/bars/bar_list_view.h"
#include "widgets/stacked_area/stacked_area_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QPainter>
#include <QResizeEvent>
#include <QScrollArea>
#include <QToolButton>

namespace bathy::panels {
namespace {

constexpr int kSpace = 8;
constexpr int kSideBySideWidth = 600; // from here on the two lists stand beside each other

} // namespace

MemoryPanel::MemoryPanel(InspectorContext context, QWidget* parent) : InspectorPanel(std::move(context), parent) {
    buildControls();
    setContent(
        buildChart(), tr("Memory"),
        tr("No memory in use yet.\n\nOpen a checkpoint to see what a full context would take, and ask it something "
           "to watch the conversation's memory grow."));
    m_table = new models::PlainTableModel(
        {tr("Group"), tr("What"), tr("Bytes"), tr("In words"), tr("Source"), tr("Explanation")}, this);
    addTable(tr("Numbers"), m_table);
    auto& runs = this->context().runs;
    connect(&runs, &models::RunRecorder::modelChanged, this, [this] { refreshSoon(); });
    connect(&runs, &models::RunRecorder::memoryPlanChanged, this, [this] { refreshSoon(); });
    connect(&runs, &models::RunRecorder::statsChanged, this, [this] { refreshSoon(); });
}

void MemoryPanel::buildControls() {
    m_view = new QComboBox(this);
    m_view->addItem(tr("This conversation"));
    m_view->addItem(tr("Up to the limit"));
    m_view->setAccessibleName(tr("Part of the context that is shown"));
    m_logarithmic = new QToolButton(this);
    m_logarithmic->setText(tr("log"));
    m_logarithmic->setCheckable(true);
    m_logarithmic->setToolTip(tr("Logarithmic heights: small next to large can be read"));
    controls()->addWidget(m_view);
    controls()->addWidget(m_logarithmic);
    connect(m_view, &QComboBox::currentIndexChanged, this, [this] { refreshNow(); });
    connect(m_logarithmic, &QToolButton::toggled, this, [this] { refreshNow(); });
}

QWidget* MemoryPanel::buildChart() {
    auto* chart = new QWidget;
    auto* column = new QVBoxLayout(chart);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpace);
    m_chart = new widgets::StackedAreaView;
    m_chart->setAccessibleName(tr("Memory over tokens"));
    column->addWidget(m_chart, 1);
    m_first = new widgets::BarListView;
    m_process = new widgets::BarListView;
    m_first->setAccessibleName(tr("Memory by part"));
    m_process->setAccessibleName(tr("Memory of the engine"));
    m_lists = new QBoxLayout(QBoxLayout::TopToBottom);
    m_lists->setSpacing(2 * kSpace);
    m_lists->addWidget(m_first, 1, Qt::AlignTop);
    m_lists->addWidget(m_process, 1, Qt::AlignTop);
    column->addLayout(m_lists);
    // Where there is no room for chart and lists, one scrolls: a number that is cut off is worse.
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidgetResizable(true);
    scroll->setBackgroundRole(QPalette::Window);
    scroll->setWidget(chart);
    return scroll;
}

MemoryView MemoryPanel::view() const {
    return static_cast<MemoryView>(m_view->currentIndex());
}
void MemoryPanel::setView(MemoryView view) {
    m_view->setCurrentIndex(static_cast<int>(view));
}
void MemoryPanel::setLogarithmic(bool logarithmic) {
    m_logarithmic->setChecked(logarithmic);
}

void MemoryPanel::askForPlan() {
    const auto& card = context().runs.card();
    if (!card || card == m_plannedFor || !context().planMemory)
        return;
    m_plannedFor = card;
    context().planMemory(forecastContexts(card->contextLength));
}

void MemoryPanel::refresh() {
    askForPlan();
    const auto& runs = context().runs;
    const auto& tokens = selected().tokens;
    if (!isLocked() || m_content.table.empty())
        m_content = memoryContent(
            {run(), runs.card(), runs.memoryPlan(), runs.stats().memory, tokens.isEmpty() ? -1 : tokens.end - 1});
    const bool isForecast = view() == MemoryView::Forecast;
    m_logarithmic->setVisible(isForecast);
    auto shown = isForecast ? m_content.forecast : m_content.history;
    shown.logarithmic = isForecast && m_logarithmic->isChecked();
    m_chart->setData(std::move(shown));
    m_first->setData(isForecast ? m_content.atLimit : m_content.parts);
    m_process->setData(m_content.process);
    m_process->setVisible(!m_content.process.rows.empty());
    const bool awaited = isForecast ? !m_content.hasForecast() : !m_content.hasHistory();
    setCaption(awaited ? isForecast ? tr("Waiting for the engine's plan.") : tr("This conversation has no tokens yet.")
               : isForecast ? m_content.forecastCaption
                            : m_content.historyCaption);
    setHasContent(!m_content.table.empty());
}

void MemoryPanel::updateTables() {
    m_table->setRows(m_content.table);
}

InspectorPanel* MemoryPanel::makeAnother(InspectorContext context) const {
    auto* other = new MemoryPanel(std::move(context));
    other->m_content = m_content;
    other->m_view->setCurrentIndex(m_view->currentIndex());
    other->m_logarithmic->setChecked(m_logarithmic->isChecked());
    return other;
}

void MemoryPanel::resizeEvent(QResizeEvent* event) {
    m_lists->setDirection(event->size().width() >= kSideBySideWidth ? QBoxLayout::LeftToRight
                                                                    : QBoxLayout::TopToBottom);
    InspectorPanel::resizeEvent(event);
}

QSize MemoryPanel::pictureSize() const {
    const int width = std::max(m_chart->width(), 480);
    return {width, std::max(m_chart->height(), 240) +
                       static_cast<int>(m_first->heightFor(width) + m_process->heightFor(width)) + 3 * kSpace};
}

void MemoryPanel::paintPicture(QPainter& painter, QSize size) const {
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    const int inner = size.width() - 2 * kSpace;
    const double process = m_process->heightFor(inner);
    const double first = m_first->heightFor(inner);
    const double processTop = size.height() - kSpace - process;
    const double firstTop = processTop - kSpace - first;
    m_chart->paintTo(painter, QRect(0, 0, size.width(), static_cast<int>(firstTop) - kSpace));
    m_first->paintTo(painter, QRectF(kSpace, firstTop, inner, first));
    m_process->paintTo(painter, QRectF(kSpace, processTop, inner, process));
}

} // namespace bathy::panels
