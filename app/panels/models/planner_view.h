// What a model would take of the memory, before it is opened and beside what it takes once it is: for any model of the
// library or the one that is open, any context, with a reserve. UI thread.
#pragma once

#include "app/models/plain_table.h"
#include "engine/base/precision.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QSlider;
class QSpinBox;

namespace bathy::models {
class MemoryPlanner;
class ModelPresenter;
class RunRecorder;
} // namespace bathy::models

namespace bathy::widgets {
class BudgetBarView;
}

namespace bathy::panels {

class PlannerView : public QWidget {
    Q_OBJECT
public:
    // All outlive the view.
    PlannerView(models::MemoryPlanner& planner, const models::ModelPresenter& model, const models::RunRecorder& runs,
                QWidget* parent = nullptr);

    // Which model to plan for; asks when the view is looked at.
    void setModel(const QString& path, const QString& name);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildChoices();
    QWidget* buildTable();
    void ask();
    void showPlan();
    bool isOpen() const; // the model of the plan is the one that is loaded

    models::MemoryPlanner& m_planner;
    const models::ModelPresenter& m_model;
    const models::RunRecorder& m_runs;
    QString m_path;
    QLabel* m_title;
    QSlider* m_slider;
    QSpinBox* m_context;
    QComboBox* m_format;
    QSpinBox* m_reserve; // MiB
    widgets::BudgetBarView* m_bar;
    QLabel* m_verdict;
    QLabel* m_actual;
    models::PlainTableModel m_rows;
    QTimer m_settle; // a slider moves a hundred times
    bool m_reserveChosen = false;
};

} // namespace bathy::panels
