#include "app/storage/chat_store.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QSqlQuery>
#include <QVariant>

#include <array>

namespace bathy::storage {
namespace {

constexpr std::array kRoleNames{"system", "user", "assistant"};
constexpr std::array kStateNames{"done", "streaming", "stopped", "interrupted", "failed"};
constexpr int kShortestTrigram = 3;

template <class Enum, std::size_t N>
QString nameOf(const std::array<const char*, N>& names, Enum value) {
    return QLatin1String(names.at(static_cast<std::size_t>(value)));
}
template <class Enum, std::size_t N>
Enum valueOf(const std::array<const char*, N>& names, const QString& name) {
    for (std::size_t i = 0; i < N; ++i)
        if (name == QLatin1String(names.at(i)))
            return static_cast<Enum>(i);
    return Enum{};
}

template <class Id>
QVariant key(Id id) {
    return QVariant::fromValue(static_cast<qint64>(id));
}
template <class Id>
QVariant keyOrNull(Id id) {
    return id == Id{} ? QVariant(QMetaType::fromType<qint64>()) : key(id);
}

// SQLite takes a null QString for NULL, and our columns are NOT NULL.
QString text(const QString& value) {
    return value.isNull() ? QStringLiteral("") : value;
}
QByteArray blob(const QByteArray& value) {
    return value.isNull() ? QByteArray("") : value;
}

QString likePattern(QString query) {
    for (const auto special : {QLatin1Char('\\'), QLatin1Char('%'), QLatin1Char('_')})
        query.replace(special, QStringLiteral("\\") + special);
    return QLatin1Char('%') + query + QLatin1Char('%');
}

ConversationRow readRow(const QSqlQuery& query) {
    return {ConversationId(query.value(0).toLongLong()),
            query.value(1).toString(),
            query.value(2).toLongLong(),
            query.value(3).toLongLong(),
            query.value(4).toString(),
            query.value(5).toString()};
}

} // namespace

Result<int> ChatStore::recover() const {
    int recovered = 0;
    const auto done = m_database.transaction([&]() -> Result<void> {
        BATHY_TRY(auto open, m_database.run(QStringLiteral("SELECT id FROM messages WHERE state = 'streaming'")));
        QVector<MessageId> ids;
        while (open.next())
            ids.append(MessageId(open.value(0).toLongLong()));
        for (const auto id : ids) {
            BATHY_CHECK(gatherText(id));
            BATHY_CHECK(
                m_database.run(QStringLiteral("UPDATE messages SET state = 'interrupted' WHERE id = ?"), {key(id)}));
        }
        recovered = static_cast<int>(ids.size());
        BATHY_CHECK(m_database.run(QStringLiteral("DELETE FROM conversations WHERE deleted_ms IS NOT NULL")));
        BATHY_CHECK(m_database.run(QStringLiteral("DELETE FROM messages WHERE deleted_ms IS NOT NULL")));
        BATHY_CHECK(m_database.run(
            QStringLiteral("DELETE FROM documents WHERE hash NOT IN (SELECT hash FROM message_documents)")));
        return {};
    });
    if (!done)
        return done.error();
    return recovered;
}

Result<QVector<ConversationRow>> ChatStore::conversations(const QString& query) const {
    const auto columns = QStringLiteral("SELECT c.id, c.title, c.created_ms, c.updated_ms, c.settings, ");
    const auto order = QStringLiteral(" ORDER BY c.updated_ms DESC, c.id DESC");
    QString sql;
    QVariantList values;
    if (const auto words = query.trimmed(); words.isEmpty()) {
        sql = columns + QStringLiteral("'' FROM conversations c WHERE c.deleted_ms IS NULL") + order;
    } else {
        const bool indexed = words.size() >= kShortestTrigram;
        const auto match =
            indexed ? QStringLiteral("m.id IN (SELECT rowid FROM message_search WHERE message_search MATCH ?)")
                    : QStringLiteral("m.content LIKE ? ESCAPE '\\'");
        // One excerpt per conversation, from its first message that matches.
        sql =
            columns +
            QStringLiteral(
                "coalesce(substr(h.content, max(1, instr(lower(h.content), lower(?)) - 24), 96), '') "
                "FROM conversations c LEFT JOIN (SELECT m.conversation_id AS cid, m.content, min(m.id) FROM messages m "
                "WHERE m.deleted_ms IS NULL AND ") +
            match +
            QStringLiteral(" GROUP BY m.conversation_id) h ON h.cid = c.id "
                           "WHERE c.deleted_ms IS NULL AND (h.cid IS NOT NULL OR c.title LIKE ? ESCAPE '\\')") +
            order;
        auto phrase = words;
        phrase.replace(QLatin1Char('"'), QStringLiteral("\"\""));
        values = {words, indexed ? QLatin1Char('"') + phrase + QLatin1Char('"') : likePattern(words),
                  likePattern(words)};
    }
    BATHY_TRY(auto rows, m_database.run(sql, values));
    QVector<ConversationRow> found;
    while (rows.next())
        found.append(readRow(rows));
    return found;
}

Result<std::optional<StoredConversation>> ChatStore::conversation(ConversationId id) const {
    BATHY_TRY(auto row,
              m_database.run(QStringLiteral("SELECT id, title, created_ms, updated_ms, settings, '' FROM conversations "
                                            "WHERE id = ? AND deleted_ms IS NULL"),
                             {key(id)}));
    if (!row.next())
        return std::optional<StoredConversation>();
    StoredConversation stored{readRow(row), {}};
    BATHY_TRY(stored.messages, readMessages(id));
    return std::optional(std::move(stored));
}

Result<QVector<Message>> ChatStore::readMessages(ConversationId id) const {
    BATHY_TRY(auto query,
              m_database.run(
                  QStringLiteral(
                      "SELECT m.id, coalesce(m.parent_id, 0), m.role, m.content, m.reasoning, m.state, "
                      "m.created_ms, m.is_active, a.generation, a.model_name, a.model_fingerprint, a.settings, a.seed, "
                      "a.finish, a.note, a.prompt_tokens, a.reused_tokens, a.generated_tokens, "
                      "a.prefill_seconds, a.decode_seconds, a.first_token_seconds, s.snapshot "
                      "FROM messages m LEFT JOIN answers a ON a.message_id = m.id "
                      "LEFT JOIN snapshots s ON s.message_id = m.id "
                      "WHERE m.conversation_id = ? AND m.deleted_ms IS NULL ORDER BY m.id"),
                  {key(id)}));
    QVector<Message> messages;
    while (query.next()) {
        Message m;
        m.id = MessageId(query.value(0).toLongLong());
        m.conversation = id;
        m.parent = MessageId(query.value(1).toLongLong());
        m.role = valueOf<Role>(kRoleNames, query.value(2).toString());
        m.content = query.value(3).toString();
        m.reasoning = query.value(4).toString();
        m.state = valueOf<MessageState>(kStateNames, query.value(5).toString());
        m.createdMs = query.value(6).toLongLong();
        m.active = query.value(7).toBool();
        m.facts = {query.value(8).toULongLong(),
                   query.value(9).toString(),
                   query.value(10).toString(),
                   query.value(11).toString(),
                   query.value(12).toString().toULongLong(),
                   query.value(13).toString(),
                   query.value(14).toString(),
                   query.value(15).toLongLong(),
                   query.value(16).toLongLong(),
                   query.value(17).toLongLong(),
                   query.value(18).toDouble(),
                   query.value(19).toDouble(),
                   query.value(20).toDouble()};
        m.snapshot = query.value(21).toString();
        messages.append(std::move(m));
    }
    for (auto& message : messages) {
        if (message.role != Role::User)
            continue;
        BATHY_TRY(message.documents, readDocuments(message.id));
    }
    return messages;
}

Result<QVector<Document>> ChatStore::readDocuments(MessageId id) const {
    BATHY_TRY(
        auto query,
        m_database.run(QStringLiteral("SELECT d.name, t.text, d.tokens FROM message_documents d "
                                      "JOIN documents t ON t.hash = d.hash WHERE d.message_id = ? ORDER BY d.number"),
                       {key(id)}));
    QVector<Document> documents;
    while (query.next())
        documents.append({query.value(0).toString(), query.value(1).toString(), query.value(2).toLongLong()});
    return documents;
}

Result<void> ChatStore::saveConversation(const ConversationRow& row) const {
    BATHY_CHECK(m_database.run(
        QStringLiteral("INSERT INTO conversations (id, title, created_ms, updated_ms, settings) VALUES (?, ?, ?, ?, ?) "
                       "ON CONFLICT (id) DO UPDATE SET title = excluded.title, updated_ms = excluded.updated_ms, "
                       "settings = excluded.settings"),
        {key(row.id), text(row.title), row.createdMs, row.updatedMs, text(row.settings)}));
    return {};
}

Result<void> ChatStore::setConversationDeleted(ConversationId id, bool deleted) const {
    const QVariant when =
        deleted ? QVariant(QDateTime::currentMSecsSinceEpoch()) : QVariant(QMetaType::fromType<qint64>());
    BATHY_CHECK(
        m_database.run(QStringLiteral("UPDATE conversations SET deleted_ms = ? WHERE id = ?"), {when, key(id)}));
    return {};
}

Result<void> ChatStore::addMessage(const Message& message) const {
    return m_database.transaction([&]() -> Result<void> {
        BATHY_CHECK(m_database.run(
            QStringLiteral(
                "INSERT INTO messages (id, conversation_id, parent_id, role, content, reasoning, state, created_ms) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
            {key(message.id), key(message.conversation), keyOrNull(message.parent), nameOf(kRoleNames, message.role),
             text(message.content), text(message.reasoning), nameOf(kStateNames, message.state), message.createdMs}));
        BATHY_CHECK(setActive(message.id));
        if (message.role == Role::Assistant)
            BATHY_CHECK(writeFacts(message.id, message.facts));
        BATHY_CHECK(writeDocuments(message));
        BATHY_CHECK(m_database.run(QStringLiteral("UPDATE conversations SET updated_ms = ? WHERE id = ?"),
                                   {message.createdMs, key(message.conversation)}));
        return {};
    });
}

Result<void> ChatStore::writeDocuments(const Message& message) const {
    int number = 0;
    for (const auto& document : message.documents) {
        const auto hash =
            QString::fromLatin1(QCryptographicHash::hash(document.text.toUtf8(), QCryptographicHash::Sha256).toHex());
        BATHY_CHECK(m_database.run(QStringLiteral("INSERT OR IGNORE INTO documents (hash, text) VALUES (?, ?)"),
                                   {hash, text(document.text)}));
        BATHY_CHECK(m_database.run(
            QStringLiteral(
                "INSERT INTO message_documents (message_id, number, name, hash, tokens) VALUES (?, ?, ?, ?, ?)"),
            {key(message.id), number++, text(document.name), hash, document.tokens}));
    }
    return {};
}

Result<void> ChatStore::setActive(MessageId id) const {
    BATHY_CHECK(
        m_database.run(QStringLiteral("UPDATE messages SET is_active = (id = ?1) WHERE "
                                      "conversation_id = (SELECT conversation_id FROM messages WHERE id = ?1) AND "
                                      "parent_id IS (SELECT parent_id FROM messages WHERE id = ?1)"),
                       {key(id), key(id), key(id)}));
    return {};
}

Result<void> ChatStore::setMessageDeleted(MessageId id, bool deleted) const {
    const QVariant when =
        deleted ? QVariant(QDateTime::currentMSecsSinceEpoch()) : QVariant(QMetaType::fromType<qint64>());
    BATHY_CHECK(m_database.run(QStringLiteral("WITH RECURSIVE below (id) AS (VALUES (?) UNION ALL "
                                              "SELECT m.id FROM messages m JOIN below b ON m.parent_id = b.id) "
                                              "UPDATE messages SET deleted_ms = ? WHERE id IN below"),
                               {key(id), when}));
    return {};
}

Result<void> ChatStore::insertPiece(const AnswerPiece& piece) const {
    BATHY_CHECK(m_database.run(
        QStringLiteral(
            "INSERT INTO answer_pieces (message_id, number, text, reasoning, token_ids, events) VALUES "
            "(?, (SELECT coalesce(max(number), 0) + 1 FROM answer_pieces WHERE message_id = ?), ?, ?, ?, ?)"),
        {key(piece.message), key(piece.message), text(piece.text), text(piece.reasoning), blob(piece.tokenIds),
         blob(piece.events)}));
    return {};
}

Result<void> ChatStore::appendPiece(const AnswerPiece& piece) const {
    return insertPiece(piece);
}

Result<void> ChatStore::gatherText(MessageId id) const {
    BATHY_TRY(
        auto pieces,
        m_database.run(QStringLiteral("SELECT text, reasoning FROM answer_pieces WHERE message_id = ? ORDER BY number"),
                       {key(id)}));
    QString content, reasoning;
    while (pieces.next()) {
        content += pieces.value(0).toString();
        reasoning += pieces.value(1).toString();
    }
    BATHY_CHECK(m_database.run(
        QStringLiteral("UPDATE messages SET content = content || ?, reasoning = reasoning || ? WHERE id = ?"),
        {text(content), text(reasoning), key(id)}));
    BATHY_CHECK(m_database.run(
        QStringLiteral("UPDATE answer_pieces SET text = '', reasoning = '' WHERE message_id = ?"), {key(id)}));
    return {};
}

Result<void> ChatStore::writeFacts(MessageId id, const AnswerFacts& f) const {
    BATHY_CHECK(m_database.run(
        QStringLiteral(
            "INSERT OR REPLACE INTO answers (message_id, generation, model_name, model_fingerprint, settings, seed, "
            "finish, note, prompt_tokens, "
            "reused_tokens, generated_tokens, prefill_seconds, decode_seconds, first_token_seconds) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        {key(id), static_cast<qint64>(f.generation), text(f.modelName), text(f.modelFingerprint), text(f.settings),
         QString::number(f.seed), text(f.finish), text(f.note), f.promptTokens, f.reusedTokens, f.generatedTokens,
         f.prefillSeconds, f.decodeSeconds, f.firstTokenSeconds}));
    return {};
}

Result<void> ChatStore::finishAnswer(MessageId id, MessageState state, const AnswerFacts& facts) const {
    return finishAnswer(AnswerPiece{id, {}, {}, {}, {}}, state, facts);
}

Result<void> ChatStore::finishAnswer(const AnswerPiece& last, MessageState state, const AnswerFacts& facts) const {
    return m_database.transaction([&]() -> Result<void> {
        BATHY_CHECK(insertPiece(last));
        BATHY_CHECK(gatherText(last.message));
        BATHY_CHECK(m_database.run(QStringLiteral("UPDATE messages SET state = ? WHERE id = ?"),
                                   {nameOf(kStateNames, state), key(last.message)}));
        return writeFacts(last.message, facts);
    });
}

Result<QVector<QByteArray>> ChatStore::answerEvents(MessageId id) const {
    BATHY_TRY(auto query,
              m_database.run(QStringLiteral("SELECT events FROM answer_pieces WHERE message_id = ? ORDER BY number"),
                             {key(id)}));
    QVector<QByteArray> pieces;
    while (query.next())
        if (const auto bytes = query.value(0).toByteArray(); !bytes.isEmpty())
            pieces.append(bytes);
    return pieces;
}

Result<QByteArray> ChatStore::answerTokens(MessageId id) const {
    BATHY_TRY(auto query,
              m_database.run(QStringLiteral("SELECT token_ids FROM answer_pieces WHERE message_id = ? ORDER BY number"),
                             {key(id)}));
    QByteArray tokens;
    while (query.next())
        tokens += query.value(0).toByteArray();
    return tokens;
}

Result<void> ChatStore::setAnswerPrompt(MessageId id, const QByteArray& tokens) const {
    BATHY_CHECK(
        m_database.run(QStringLiteral("INSERT OR REPLACE INTO answer_prompts (message_id, token_ids) VALUES (?, ?)"),
                       {key(id), qCompress(tokens)}));
    return {};
}

Result<QByteArray> ChatStore::answerPrompt(MessageId id) const {
    BATHY_TRY(auto query,
              m_database.run(QStringLiteral("SELECT token_ids FROM answer_prompts WHERE message_id = ?"), {key(id)}));
    return query.next() ? qUncompress(query.value(0).toByteArray()) : QByteArray();
}

} // namespace bathy::storage
