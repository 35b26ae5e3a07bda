// The snapshots there are as a table, and which of them must go when they take too much. UI thread.
#pragma once

#include "app/storage/records.h"
#include "engine/api/events.h"

#include <QAbstractTableModel>
#include <QStringList>
#include <QVector>

namespace bathy::models {

// What the engine says of a snapshot, with what the store knows of it.
struct SnapshotItem {
    QString id;
    QString file;
    QString name; // of the conversation as it is called now, else as it was called when the snapshot was made
    QString model;
    QString fingerprint; // of the checkpoint
    qint64 tokens = 0;
    qint64 bytes = 0; // what others share counts, too
    qint64 createdMs = 0;
    QString problem;                        // why it cannot be opened; empty: it can
    bool ours = false;                      // made by this program for an answer; others are never deleted unasked
    storage::ConversationId conversation{}; // 0: none, or it is gone
    qint64 usedMs = 0;
    bool pinned = false;
};

QVector<SnapshotItem> snapshotItems(const api::SnapshotList& list, const QVector<storage::SnapshotRow>& rows);

struct SnapshotTrim {
    QStringList orphans; // their conversations are gone
    QStringList oldest;  // to be deleted in this order until the rest fits
};
// Of what this program made itself, and has not pinned. The one used last stays in any case.
SnapshotTrim whatToTrim(const QVector<SnapshotItem>& items, qint64 bytes, qint64 quotaBytes);

class SnapshotModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Model, Tokens, Size, Saved, Used, Notes, ColumnCount };
    static constexpr int kSortRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;

    void setItems(QVector<SnapshotItem> items);
    const QVector<SnapshotItem>& items() const { return m_items; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const SnapshotItem& item, int column) const;
    static QVariant sortValue(const SnapshotItem& item, int column);

    QVector<SnapshotItem> m_items;
};

} // namespace bathy::models
