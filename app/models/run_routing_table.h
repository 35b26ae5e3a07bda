// Tables of the routing view: every expert of every layer, and every layer's balance. Table twins of the heatmap. UI
// thread.
#pragma once

#include "app/models/run_data.h"

#include <QAbstractTableModel>

namespace bathy::models {

QString routerName(const RunData& run, int layer); // "hash", "learned", "none", "?" without a model card

class ExpertTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Layer, Router, Expert, Times, Share, AgainstEven, MeanWeight, ColumnCount };

    explicit ExpertTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setTotals(RunDataPtr run, std::shared_ptr<const ExpertTotals> totals);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    // Display: text. UserRole: the number, for sorting.
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    QModelIndex indexOf(int layer, int expert) const;

private:
    RunDataPtr m_run;
    std::shared_ptr<const ExpertTotals> m_totals;
};

class LayerBalanceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Layer, Router, Choices, Evenness, Busiest, BusiestShare, Unused, ColumnCount };

    explicit LayerBalanceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setTotals(RunDataPtr run, std::shared_ptr<const ExpertTotals> totals);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    RunDataPtr m_run;
    std::vector<LayerBalance> m_balances;
};

} // namespace bathy::models
