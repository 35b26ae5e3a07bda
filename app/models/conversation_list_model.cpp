#include "app/models/conversation_list_model.h"

#include "app/storage/storage.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace bathy::models {

ConversationListModel::ConversationListModel(storage::Storage& storage, QObject* parent)
    : QAbstractListModel(parent), m_storage(storage) {
    refresh();
}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& row = m_rows.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return row.title.isEmpty() ? tr("New conversation") : row.title;
    case Qt::ToolTipRole:
        return tr("%1\nLast used %2")
            .arg(row.title, QLocale().toString(QDateTime::fromMSecsSinceEpoch(row.updatedMs), QLocale::LongFormat));
    case IdRole:
        return static_cast<qint64>(row.id);
    case UpdatedRole:
        return QDateTime::fromMSecsSinceEpoch(row.updatedMs);
    case ExcerptRole:
        return row.excerpt;
    default:
        return {};
    }
}

bool ConversationListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const auto title = value.toString().simplified();
    if (role != Qt::EditRole || title.isEmpty() || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    auto& row = m_rows[index.row()];
    row.title = title;
    m_storage.write([row](storage::ChatStore& store) { return store.saveConversation(row); });
    Q_EMIT dataChanged(index, index, {Qt::DisplayRole, Qt::EditRole, Qt::ToolTipRole});
    Q_EMIT renamed(row.id, title);
    return true;
}

Qt::ItemFlags ConversationListModel::flags(const QModelIndex& index) const {
    auto flags = QAbstractListModel::flags(index);
    return index.isValid() ? flags | Qt::ItemIsEditable | Qt::ItemNeverHasChildren : flags;
}

storage::ConversationId ConversationListModel::idAt(int row) const {
    return row >= 0 && row < m_rows.size() ? m_rows.at(row).id : storage::ConversationId{};
}

int ConversationListModel::rowOf(storage::ConversationId id) const {
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [id](const auto& row) { return row.id == id; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

void ConversationListModel::refresh() {
    const auto asked = ++m_asked;
    m_storage.read<QVector<storage::ConversationRow>>(
        this, [query = m_query](storage::ChatStore& store) { return store.conversations(query); },
        [this, asked](QVector<storage::ConversationRow> rows) {
            if (asked == m_asked)
                apply(std::move(rows));
        });
}

void ConversationListModel::apply(QVector<storage::ConversationRow> rows) {
    const auto sameOrder = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                      [](const auto& a, const auto& b) { return a.id == b.id; });
    if (sameOrder) { // the common case while answers stream: no row moves, the selection stays
        m_rows = std::move(rows);
        if (!m_rows.isEmpty())
            Q_EMIT dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
    } else {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    }
    Q_EMIT refreshed();
}

void ConversationListModel::search(const QString& query) {
    m_query = query;
    refresh();
}

void ConversationListModel::remove(storage::ConversationId id) {
    const int row = rowOf(id);
    if (row < 0)
        return;
    const auto title = m_rows.at(row).title;
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
    ++m_asked; // an answer that is on its way still has the row
    m_removed.append(id);
    m_storage.write([id](storage::ChatStore& store) { return store.setConversationDeleted(id, true); });
    Q_EMIT removed(id, title);
}

void ConversationListModel::undoRemove() {
    if (m_removed.isEmpty())
        return;
    const auto id = m_removed.takeLast();
    m_storage.write([id](storage::ChatStore& store) { return store.setConversationDeleted(id, false); });
    refresh();
    Q_EMIT restored(id);
}

} // namespace bathy::models
