// Where the memory goes: the conversation by part, the engine beside it, and what a full context would take. UI thread.
#pragma once

#include "app/panels/common/inspector_panel.h"
#include "app/panels/memory/memory_content.h"

class QBoxLayout;
class QComboBox;
class QToolButton;

namespace bathy::models {
class PlainTableModel;
}

namespace bathy::widgets {
class BarListView;
class StackedAreaView;
} // namespace bathy::widgets

namespace bathy::panels {

class MemoryPanel : public InspectorPanel {
    Q_OBJECT
public:
    explicit MemoryPanel(InspectorContext context, QWidget* parent = nullptr);

    void setView(MemoryView view);
    void setLogarithmic(bool logarithmic); // of the forecast
    const MemoryContent& content() const { return m_content; }

protected:
    void refresh() override;
    void updateTables() override;
    InspectorPanel* makeAnother(InspectorContext context) const override;
    void paintPicture(QPainter& painter, QSize size) const override;
    QSize pictureSize() const override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildControls();
    QWidget* buildChart();
    void askForPlan();
    MemoryView view() const;

    MemoryContent m_content;
    std::shared_ptr<const api::ModelCard> m_plannedFor; // the model that the plan was asked for
    QComboBox* m_view;
    QToolButton* m_logarithmic;
    widgets::StackedAreaView* m_chart;
    widgets::BarListView* m_first;
    widgets::BarListView* m_process;
    QBoxLayout* m_lists;
    models::PlainTableModel* m_table;
};

} // namespace bathy::panels
