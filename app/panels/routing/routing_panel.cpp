#include "app/panels/routing/routing_panel.h"

#include "app/models/expert_bans.h"
#include "app/models/run_routing_table.h"
#include "app/panels/routing/ban_bar.h"
#include "widgets/colour/colour_legend.h"
#include "widgets/heatmap/heatmap_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QMenu>
#include <QPainter>
#include <QTableView>
#include <QToolButton>

namespace bathy::panels {
namespace {

widgets::ColourRange rangeOf(const widgets::HeatmapData& map, RoutingMeasure measure, bool logarithmic) {
    const double high = map.largest();
    // A count of one must stand out from none on a logarithmic scale, so the scale starts below it.
    const double low = logarithmic && measure == RoutingMeasure::Times ? 0.5 : 0;
    return {low, std::max(high, low + 1e-6)};
}

} // namespace

RoutingPanel::RoutingPanel(InspectorContext context, QWidget* parent) : InspectorPanel(std::move(context), parent) {
    buildControls();
    auto* chart = buildChart();
    setContent(chart, tr("Routing"), routingEmptyText(nullptr));
    buildTables();
}

void RoutingPanel::buildControls() {
    m_scope = new QComboBox(this);
    m_scope->addItem(tr("Selected token"));
    m_scope->addItem(tr("This answer"));
    m_scope->addItem(tr("Whole conversation"));
    m_scope->setCurrentIndex(static_cast<int>(RoutingScope::Answer));
    m_scope->setAccessibleName(tr("Tokens that are counted"));
    m_measure = new QComboBox(this);
    m_measure->addItem(tr("Times chosen"));
    m_measure->addItem(tr("Against even share"));
    m_measure->addItem(tr("Mean weight"));
    m_measure->setAccessibleName(tr("Number that is shown"));
    controls()->addWidget(m_scope);
    controls()->addWidget(m_measure);
    connect(m_scope, &QComboBox::currentIndexChanged, this, [this] { refreshNow(); });
    connect(m_measure, &QComboBox::currentIndexChanged, this, [this] {
        m_fixedRange.reset(); // a range for one number means nothing for another
        refreshNow();
    });
}

QWidget* RoutingPanel::buildChart() {
    auto* chart = new QWidget(this);
    auto* column = new QVBoxLayout(chart);
    column->setContentsMargins(0, 0, 0, 0);
    m_map = new widgets::HeatmapView(chart);
    m_map->setAccessibleName(tr("Map of layers and experts"));
    m_map->setDescriber([this](widgets::HeatmapCell cell) { return describeExpert(m_content, cell.row, cell.column); });
    column->addWidget(m_map, 1);
    auto* row = new QHBoxLayout;
    m_legend = new widgets::ColourLegend(chart);
    m_legend->setFormatter([this](double value) { return formatMeasure(m_content.measure, value); });
    m_logarithmic = new QToolButton(chart);
    m_logarithmic->setText(tr("log"));
    m_logarithmic->setCheckable(true);
    m_logarithmic->setToolTip(tr("Logarithmic colours: rare experts can be told from unused ones"));
    row->addWidget(m_legend, 1);
    row->addWidget(m_logarithmic, 0, Qt::AlignTop);
    column->addLayout(row);
    if (auto* bans = this->context().bans) {
        m_bans = new BanBar(*bans, chart);
        column->addWidget(m_bans);
        connect(bans, &models::ExpertBans::changed, this, [this] { refreshNow(); });
    }
    connect(m_map, &widgets::HeatmapView::menuAsked, this, [this](int layer, int expert, QPoint at) {
        context().selection.selectExpert(LayerId{layer}, ExpertId{expert});
        openMenu({LayerId{layer}, ExpertId{expert}}, at);
    });
    connect(m_logarithmic, &QToolButton::toggled, this, [this] { updateScale(); });
    connect(m_legend, &widgets::ColourLegend::rangeChosen, this, [this](double low, double high) {
        m_fixedRange = widgets::ColourRange{low, high};
        updateScale();
    });
    connect(m_legend, &widgets::ColourLegend::automaticChosen, this, [this] {
        m_fixedRange.reset();
        updateScale();
    });
    connect(m_map, &widgets::HeatmapView::activated, this,
            [this](int layer, int expert) { context().selection.selectExpert(LayerId{layer}, ExpertId{expert}); });
    connect(m_map, &widgets::HeatmapView::cleared, this,
            [this] { context().selection.selectExpert(std::nullopt, std::nullopt); });
    return chart;
}

void RoutingPanel::buildTables() {
    m_experts = new models::ExpertTableModel(this);
    m_balances = new models::LayerBalanceModel(this);
    auto* table = addTable(tr("Experts"), m_experts);
    addTable(tr("Layers"), m_balances);
    connect(table, &QTableView::activated, this, [this](const QModelIndex& index) {
        const auto at = [&index](int column) { return index.siblingAtColumn(column).data(Qt::UserRole).toInt(); };
        context().selection.selectExpert(LayerId{at(models::ExpertTableModel::Layer)},
                                         ExpertId{at(models::ExpertTableModel::Expert)});
    });
}

RoutingScope RoutingPanel::scope() const {
    return static_cast<RoutingScope>(m_scope->currentIndex());
}
void RoutingPanel::setScope(RoutingScope scope) {
    m_scope->setCurrentIndex(static_cast<int>(scope));
}
void RoutingPanel::setMeasure(RoutingMeasure measure) {
    m_measure->setCurrentIndex(static_cast<int>(measure));
}
void RoutingPanel::setLogarithmic(bool logarithmic) {
    m_logarithmic->setChecked(logarithmic);
}

void RoutingPanel::refresh() {
    auto* bans = context().bans;
    m_content = routingContent(run(), selected(), scope(), static_cast<RoutingMeasure>(m_measure->currentIndex()),
                               m_cache, bans ? bans->list() : std::vector<ExpertRef>{});
    m_measure->setVisible(m_content.tokens.size() != 1); // one token alone always shows its weights
    setCaption(routingCaption(m_content));
    setEmptyText(routingEmptyText((run() ? run()->card : context().runs.card()).get()));
    setHasContent(!m_content.map->isEmpty());
    m_map->setData(m_content.map);
    const auto& chosen = selected();
    m_map->setSelected({chosen.layer ? raw(*chosen.layer) : -1, chosen.expert ? raw(*chosen.expert) : -1});
    if (m_bans)
        m_bans->setSelected(chosen.layer && chosen.expert ? std::optional(ExpertRef{*chosen.layer, *chosen.expert})
                                                          : std::nullopt);
    updateScale();
}

void RoutingPanel::openMenu(ExpertRef expert, QPoint at) {
    auto* bans = context().bans;
    if (!bans)
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (bans->contains(expert))
        menu->addAction(tr("Let expert %1 back in").arg(models::expertName(expert)), bans,
                        [bans, expert] { bans->remove(expert); });
    else
        menu->addAction(tr("Knock out expert %1").arg(models::expertName(expert)), bans,
                        [bans, expert] { bans->add(expert); });
    auto* all = menu->addAction(tr("Let all experts back in"), bans, [bans] { bans->set({}); });
    all->setEnabled(!bans->list().empty());
    menu->popup(at);
}

void RoutingPanel::updateTables() {
    m_experts->setTotals(m_content.run, m_content.totals);
    m_balances->setTotals(m_content.run, m_content.totals);
}

void RoutingPanel::updateScale() {
    const bool logarithmic = m_logarithmic->isChecked();
    const auto full = rangeOf(*m_content.map, m_content.measure, logarithmic);
    const widgets::ColourScale scale(m_fixedRange.value_or(full),
                                     logarithmic ? widgets::ScaleKind::Logarithmic : widgets::ScaleKind::Linear);
    m_map->setScale(scale);
    m_legend->setScale(scale, full);
    m_legend->setAutomatic(!m_fixedRange);
}

InspectorPanel* RoutingPanel::makeAnother(InspectorContext context) const {
    auto* other = new RoutingPanel(std::move(context));
    other->m_scope->setCurrentIndex(m_scope->currentIndex());
    other->m_measure->setCurrentIndex(m_measure->currentIndex());
    other->m_logarithmic->setChecked(m_logarithmic->isChecked());
    return other;
}

QSize RoutingPanel::pictureSize() const {
    return {std::max(m_map->width(), 480), std::max(m_map->height(), 240) + m_legend->sizeHint().height()};
}

void RoutingPanel::paintPicture(QPainter& painter, QSize size) const {
    const int legendHeight = m_legend->sizeHint().height();
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    m_map->paintTo(painter, {size.width(), size.height() - legendHeight});
    const QRect bottom(8, size.height() - legendHeight, size.width() - 16, legendHeight);
    m_legend->paintTo(painter, bottom);
}

} // namespace bathy::panels
