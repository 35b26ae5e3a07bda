// The list of conversations, newest first, or those that a search found. Rename and delete go to the store at once;
// deleting can be undone until the program ends. UI thread.
#pragma once

#include "app/storage/records.h"

#include <QAbstractListModel>
#include <QVector>

namespace bathy::storage {
class Storage;
}

namespace bathy::models {

class ConversationListModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { IdRole = Qt::UserRole, UpdatedRole, ExcerptRole };

    // `storage` outlives the model.
    explicit ConversationListModel(storage::Storage& storage, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override; // EditRole: the title
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    storage::ConversationId idAt(int row) const;
    int rowOf(storage::ConversationId id) const; // -1: not listed
    const QString& query() const { return m_query; }

    void refresh(); // reads again; rows that stay keep their identity
    void search(const QString& query);
    void remove(storage::ConversationId id);
    bool canUndoRemove() const { return !m_removed.isEmpty(); }
    void undoRemove(); // the last one

Q_SIGNALS:
    void renamed(bathy::storage::ConversationId id, const QString& title);
    void removed(bathy::storage::ConversationId id, const QString& title);
    void restored(bathy::storage::ConversationId id);
    void refreshed();

private:
    void apply(QVector<storage::ConversationRow> rows);

    storage::Storage& m_storage;
    QVector<storage::ConversationRow> m_rows;
    QVector<storage::ConversationId> m_removed;
    QString m_query;
    quint64 m_asked = 0; // the newest question wins
};

} // namespace bathy::models
