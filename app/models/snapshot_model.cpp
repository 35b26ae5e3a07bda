#include "app/models/snapshot_model.h"

#include <QDateTime>
#include <QDir>
#include <QHash>
#include <QLocale>

#include <algorithm>

namespace bathy::models {
namespace {

SnapshotItem itemOf(const api::SnapshotEntry& entry) {
    SnapshotItem item;
    item.id = QString::fromStdString(entry.id);
    item.file = QString::fromStdString(entry.file);
    item.name = QString::fromStdString(entry.name);
    item.model = QString::fromStdString(entry.model);
    item.fingerprint = QString::fromStdString(entry.fingerprint);
    item.tokens = entry.tokens;
    item.bytes = static_cast<qint64>(entry.bytes);
    item.createdMs = entry.createdAt * 1000;
    item.usedMs = item.createdMs;
    item.problem = QString::fromStdString(entry.problem);
    return item;
}

// Several answers may end with the same tokens: the snapshot is any of theirs.
void complete(SnapshotItem& item, const storage::SnapshotRow& row) {
    item.ours = true;
    item.pinned = item.pinned || row.pinned;
    item.usedMs = std::max(item.usedMs, row.usedMs);
    if (row.conversation == storage::ConversationId{})
        return;
    item.conversation = row.conversation;
    item.name = row.title;
}

QString timeText(qint64 ms) {
    return ms <= 0 ? QString()
                   : QLocale().toString(QDateTime::fromMSecsSinceEpoch(ms), QStringLiteral("yyyy-MM-dd HH:mm"));
}

} // namespace

QVector<SnapshotItem> snapshotItems(const api::SnapshotList& list, const QVector<storage::SnapshotRow>& rows) {
    QVector<SnapshotItem> items;
    QHash<QString, qsizetype> at;
    for (const auto& entry : list.snapshots) {
        at.insert(QString::fromStdString(entry.id), items.size());
        items.append(itemOf(entry));
    }
    for (const auto& row : rows)
        if (const auto found = at.constFind(row.snapshot); found != at.constEnd())
            complete(items[*found], row);
    return items;
}

SnapshotTrim whatToTrim(const QVector<SnapshotItem>& items, qint64 bytes, qint64 quotaBytes) {
    SnapshotTrim trim;
    QVector<const SnapshotItem*> candidates;
    for (const auto& item : items) {
        if (!item.ours || item.pinned)
            continue;
        if (item.conversation == storage::ConversationId{})
            trim.orphans << item.id;
        else
            candidates << &item;
    }
    if (bytes <= quotaBytes)
        return trim;
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto* a, const auto* b) { return a->usedMs < b->usedMs; });
    for (qsizetype i = 0; i + 1 < candidates.size(); ++i)
        trim.oldest << candidates[i]->id;
    return trim;
}

void SnapshotModel::setItems(QVector<SnapshotItem> items) {
    const bool sameRows = std::equal(items.begin(), items.end(), m_items.begin(), m_items.end(),
                                     [](const auto& a, const auto& b) { return a.id == b.id; });
    if (sameRows) { // what is selected stays so
        m_items = std::move(items);
        if (!m_items.isEmpty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_items = std::move(items);
    endResetModel();
}

int SnapshotModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

int SnapshotModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString SnapshotModel::text(const SnapshotItem& item, int column) const {
    const QLocale locale;
    switch (column) {
    case Name:
        return item.name.isEmpty() ? tr("(without a name)") : item.name;
    case Model:
        return item.model;
    case Tokens:
        return item.problem.isEmpty() ? locale.toString(item.tokens) : QString();
    case Size:
        return locale.formattedDataSize(item.bytes, 1);
    case Saved:
        return timeText(item.createdMs);
    case Used:
        return timeText(item.usedMs);
    case Notes:
        if (!item.problem.isEmpty())
            return tr("cannot be opened");
        if (item.pinned)
            return tr("pinned");
        if (!item.ours)
            return tr("made elsewhere: stays until it is deleted here");
        return item.conversation == storage::ConversationId{} ? tr("its conversation is deleted") : QString();
    default:
        return {};
    }
}

QVariant SnapshotModel::sortValue(const SnapshotItem& item, int column) {
    switch (column) {
    case Name:
        return item.name.toLower();
    case Model:
        return item.model.toLower();
    case Tokens:
        return item.tokens;
    case Size:
        return item.bytes;
    case Saved:
        return item.createdMs;
    case Used:
        return item.usedMs;
    default:
        return static_cast<int>(item.pinned) + 2 * static_cast<int>(!item.problem.isEmpty());
    }
}

QVariant SnapshotModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_items.size())
        return {};
    const auto& item = m_items.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(item, index.column());
    case Qt::ToolTipRole:
        return item.problem.isEmpty() ? QDir::toNativeSeparators(item.file) : item.problem;
    case Qt::TextAlignmentRole:
        return index.column() == Tokens || index.column() == Size ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                                                  : QVariant();
    case kSortRole:
        return sortValue(item, index.column());
    default:
        return {};
    }
}

QVariant SnapshotModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Conversation");
    case Model:
        return tr("Model");
    case Tokens:
        return tr("Tokens");
    case Size:
        return tr("Size");
    case Saved:
        return tr("Saved");
    case Used:
        return tr("Last used");
    case Notes:
        return tr("Notes");
    default:
        return {};
    }
}

} // namespace bathy::models
