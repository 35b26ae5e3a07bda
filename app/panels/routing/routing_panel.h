// Layers × experts: where the tokens of a conversation were sent, live. Follows the selection. UI thread.
#pragma once

#include "app/panels/common/inspector_panel.h"
#include "app/panels/routing/routing_content.h"

#include "widgets/colour/colour_scale.h"

#include <optional>

class QComboBox;
class QToolButton;

namespace bathy::models {
class ExpertTableModel;
class LayerBalanceModel;
} // namespace bathy::models

namespace bathy::widgets {
class ColourLegend;
class HeatmapView;

} // namespace bathy::widgets

namespace bathy::panels {

class BanBar;

class RoutingPanel : public InspectorPanel {
    Q_OBJECT
public:
    explicit RoutingPanel(InspectorContext context, QWidget* parent = nullptr);

    RoutingScope scope() const;
    void setScope(RoutingScope scope);
    void setMeasure(RoutingMeasure measure);
    void setLogarithmic(bool logarithmic);
    const RoutingContent& content() const { return m_content; } // what is shown now

protected:
    void refresh() override;
    void updateTables() override;
    InspectorPanel* makeAnother(InspectorContext context) const override;
    void paintPicture(QPainter& painter, QSize size) const override;
    QSize pictureSize() const override;

private:
    void buildControls();
    QWidget* buildChart();
    void buildTables();
    void updateScale();
    void openMenu(ExpertRef expert, QPoint at);

    models::RangeTotals m_cache;
    RoutingContent m_content;
    std::optional<widgets::ColourRange> m_fixedRange; // chosen by hand
    QComboBox* m_scope;
    QComboBox* m_measure;
    QToolButton* m_logarithmic;
    widgets::HeatmapView* m_map;
    widgets::ColourLegend* m_legend;
    BanBar* m_bans = nullptr; // null: experts cannot be knocked out here
    models::ExpertTableModel* m_experts;
    models::LayerBalanceModel* m_balances;
};

} // namespace bathy::panels
