#include "app/panels/models/planner_view.h"

#include "app/models/memory_planner.h"
#include "app/models/model_presenter.h"
#include "app/models/run_recorder.h"
#include "app/panels/models/plan_content.h"
#include "app/panels/models/wrapping_label.h"
#include "widgets/budget/budget_bar_view.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <bit>

namespace bathy::panels {
namespace {

constexpr int kLeastContext = 1024;
constexpr int kMostContext = 1 << 20;
constexpr int kFirstContext = 4096;
constexpr int kSettleMs = 150;
constexpr double kMiB = 1048576;

// The slider goes by doublings.
int stepOf(int context) {
    return std::bit_width(static_cast<unsigned>(std::max(context, kLeastContext)) / kLeastContext) - 1;
}

} // namespace

PlannerView::PlannerView(models::MemoryPlanner& planner, const models::ModelPresenter& model,
                         const models::RunRecorder& runs, QWidget* parent)
    : QWidget(parent), m_planner(planner), m_model(model), m_runs(runs), m_title(wrappingLabel()),
      m_slider(new QSlider(Qt::Horizontal)), m_context(new QSpinBox), m_format(new QComboBox), m_reserve(new QSpinBox),
      m_bar(new widgets::BudgetBarView), m_verdict(wrappingLabel()), m_actual(wrappingLabel()),
      m_rows({tr("Part"), tr("All"), tr("For one token"), tr("Source")}, this) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(8);
    auto font = m_title->font();
    font.setBold(true);
    m_title->setFont(font);
    m_title->setText(tr("Open a model, or choose one in the library and plan its memory."));
    m_bar->setAccessibleName(tr("Memory, part by part"));
    layout->addWidget(m_title);
    layout->addWidget(buildChoices());
    layout->addWidget(m_bar);
    layout->addWidget(m_verdict);
    layout->addWidget(m_actual);
    layout->addWidget(buildTable(), 1);
    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMs);
    connect(&m_settle, &QTimer::timeout, this, &PlannerView::ask);
    connect(&planner, &models::MemoryPlanner::changed, this, &PlannerView::showPlan);
    connect(&runs, &models::RunRecorder::statsChanged, this, [this] {
        if (isVisible() && isOpen())
            showPlan();
    });
    connect(&model, &models::ModelPresenter::stateChanged, this, [this] {
        if (const auto& card = m_model.card())
            setModel(QString::fromStdString(card->path), QString::fromStdString(card->name));
    });
}

QWidget* PlannerView::buildChoices() {
    m_context->setRange(1, kMostContext);
    m_context->setValue(kFirstContext);
    m_context->setGroupSeparatorShown(true);
    m_context->setAccessibleName(tr("Tokens of the conversation"));
    m_slider->setRange(stepOf(kLeastContext), stepOf(kMostContext));
    m_slider->setValue(stepOf(kFirstContext));
    m_slider->setAccessibleName(tr("Tokens of the conversation, in doublings"));
    m_format->addItem(tr("as the model likes"), static_cast<int>(KvFormat::Auto));
    m_format->addItem(tr("F32"), static_cast<int>(KvFormat::F32));
    m_format->addItem(tr("BF16"), static_cast<int>(KvFormat::BF16));
    m_format->addItem(tr("packed"), static_cast<int>(KvFormat::Packed));
    m_reserve->setRange(0, 1 << 20);
    m_reserve->setSuffix(tr(" MiB"));
    m_reserve->setGroupSeparatorShown(true);
    connect(m_slider, &QSlider::valueChanged, this, [this](int step) { m_context->setValue(kLeastContext << step); });
    connect(m_context, &QSpinBox::valueChanged, this, [this](int context) {
        const QSignalBlocker quiet(m_slider);
        m_slider->setValue(stepOf(context));
        m_settle.start();
    });
    connect(m_format, &QComboBox::currentIndexChanged, this, [this] { m_settle.start(); });
    connect(m_reserve, &QSpinBox::valueChanged, this, [this] {
        m_reserveChosen = true;
        m_settle.start();
    });
    auto* context = new QHBoxLayout;
    context->addWidget(m_slider, 1);
    context->addWidget(m_context);
    auto* choices = new QWidget;
    auto* form = new QFormLayout(choices);
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Context"), context);
    form->addRow(tr("Rows stored as"), m_format);
    form->addRow(tr("Keep back"), m_reserve);
    return choices;
}

QWidget* PlannerView::buildTable() {
    auto* table = new QTableView;
    table->setModel(&m_rows);
    table->setAccessibleName(tr("Memory, part by part, as numbers"));
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    return table;
}

void PlannerView::setModel(const QString& path, const QString& name) {
    m_path = path;
    m_title->setText(tr("Memory of %1").arg(name));
    if (isVisible())
        ask();
}

void PlannerView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    ask();
}

void PlannerView::ask() {
    if (m_path.isEmpty())
        return;
    m_planner.ask(m_path, m_context->value(), static_cast<KvFormat>(m_format->currentData().toInt()),
                  m_reserveChosen ? static_cast<qint64>(m_reserve->value() * kMiB) : -1);
}

bool PlannerView::isOpen() const {
    const auto& card = m_model.card();
    return card && m_planner.plan() && card->path == m_planner.plan()->path;
}

void PlannerView::showPlan() {
    if (!m_planner.plan()) {
        m_rows.setRows({});
        m_bar->setData({});
        m_verdict->setText(m_planner.failure().title + QLatin1Char('\n') + m_planner.failure().detail);
        m_actual->hide();
        return;
    }
    const auto& plan = *m_planner.plan();
    if (!m_reserveChosen) {
        const QSignalBlocker quiet(m_reserve);
        m_reserve->setValue(static_cast<int>(static_cast<double>(plan.reserveBytes) / kMiB));
    }
    auto content = planContent({plan, isOpen() ? m_runs.stats().memory.residentBytes : 0});
    m_bar->setData(std::move(content.bar));
    m_verdict->setText(content.verdict);
    m_actual->setText(content.actual);
    m_actual->setVisible(!content.actual.isEmpty());
    m_rows.setRows(std::move(content.rows));
}

} // namespace bathy::panels
