// A budget bar on screen with its legend below. UI thread.
#pragma once

#include "widgets/budget/budget_bar_layout.h"

#include <QWidget>

namespace bathy::widgets {

class BudgetBarView : public QWidget {
    Q_OBJECT
public:
    explicit BudgetBarView(QWidget* parent = nullptr);

    void setData(BudgetBarData shown);
    const BudgetBarData& shownData() const { return m_data; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    BudgetBarLayout layout() const;

    BudgetBarData m_data;
};

} // namespace bathy::widgets
