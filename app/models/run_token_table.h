// The tokens of a stretch of a conversation as a table: the table twin of the token strip. UI thread.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/run_data.h"

#include <QAbstractTableModel>

namespace bathy::models {

class TokenTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { TokenPosition, Kind, Id, Text, Bytes, Probability, Sampled, Rank, Entropy, Guess, Gain, ColumnCount };

    explicit TokenTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setTokens(RunDataPtr run, bridge::TokenRange range);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override; // UserRole: for sorting
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    RunDataPtr m_run;
    bridge::TokenRange m_range;
};

} // namespace bathy::models
