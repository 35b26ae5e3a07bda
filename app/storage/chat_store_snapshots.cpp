// Which answers the engine has kept a snapshot of.
#include "app/storage/chat_store.h"

#include <QSqlQuery>
#include <QVariant>

namespace bathy::storage {
namespace {

QVariant key(MessageId id) {
    return QVariant::fromValue(static_cast<qint64>(id));
}

} // namespace

Result<void> ChatStore::keepSnapshot(MessageId answer, const QString& snapshot, qint64 nowMs) const {
    BATHY_CHECK(m_database.run(
        QStringLiteral("INSERT OR REPLACE INTO snapshots (message_id, snapshot, used_ms, is_pinned) VALUES (?, ?, ?, "
                       "coalesce((SELECT max(is_pinned) FROM snapshots WHERE snapshot = ?), 0))"),
        {key(answer), snapshot, nowMs, snapshot}));
    return {};
}

Result<void> ChatStore::useSnapshot(const QString& snapshot, qint64 nowMs) const {
    BATHY_CHECK(
        m_database.run(QStringLiteral("UPDATE snapshots SET used_ms = ? WHERE snapshot = ?"), {nowMs, snapshot}));
    return {};
}

Result<void> ChatStore::setSnapshotPinned(const QString& snapshot, bool pinned) const {
    BATHY_CHECK(m_database.run(QStringLiteral("UPDATE snapshots SET is_pinned = ? WHERE snapshot = ?"),
                               {pinned ? 1 : 0, snapshot}));
    return {};
}

Result<void> ChatStore::forgetSnapshots(const QStringList& snapshots) const {
    return m_database.transaction([&]() -> Result<void> {
        for (const auto& snapshot : snapshots)
            BATHY_CHECK(m_database.run(QStringLiteral("DELETE FROM snapshots WHERE snapshot = ?"), {snapshot}));
        return {};
    });
}

Result<QVector<SnapshotRow>> ChatStore::snapshots() const {
    BATHY_TRY(auto query,
              m_database.run(QStringLiteral(
                  "SELECT s.snapshot, s.message_id, coalesce(c.id, 0), coalesce(c.title, ''), s.used_ms, s.is_pinned "
                  "FROM snapshots s LEFT JOIN messages m ON m.id = s.message_id "
                  "LEFT JOIN conversations c ON c.id = m.conversation_id ORDER BY s.used_ms, s.message_id")));
    QVector<SnapshotRow> rows;
    while (query.next())
        rows.append({query.value(0).toString(), MessageId(query.value(1).toLongLong()),
                     ConversationId(query.value(2).toLongLong()), query.value(3).toString(),
                     query.value(4).toLongLong(), query.value(5).toBool()});
    return rows;
}

} // namespace bathy::storage
