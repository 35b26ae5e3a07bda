// Conversations, messages and answers on a database. Every call is one transaction. Lives on the storage thread.
#pragma once

#include "app/storage/database.h"
#include "app/storage/records.h"

#include <optional>

namespace bathy::storage {

class ChatStore {
public:
    // `database` outlives the store.
    explicit ChatStore(const Database& database) : m_database(database) {}

    // At start: answers that were streaming when the program ended become Interrupted with all their text, and what
    // was deleted and not brought back goes for good. Returns how many answers were recovered.
    Result<int> recover() const;

    // Newest first; `query` empty: all. Otherwise those whose title or messages contain it.
    Result<QVector<ConversationRow>> conversations(const QString& query = {}) const;
    Result<std::optional<StoredConversation>> conversation(ConversationId id) const;

    Result<void> saveConversation(const ConversationRow& row) const; // new or changed
    Result<void> setConversationDeleted(ConversationId id, bool deleted) const;

    // A new message becomes the active one of its siblings.
    Result<void> addMessage(const Message& message) const;
    Result<void> setActive(MessageId id) const;
    Result<void> setMessageDeleted(MessageId id, bool deleted) const; // with everything below it

    Result<void> appendPiece(const AnswerPiece& piece) const;
    // The answer ended: its pieces' text moves into the message.
    Result<void> finishAnswer(MessageId id, MessageState state, const AnswerFacts& facts) const;
    // The last piece and the end together.
    Result<void> finishAnswer(const AnswerPiece& last, MessageState state, const AnswerFacts& facts) const;

    // Everything needed to replay an answer: the pieces' event frames, oldest first.
    Result<QVector<QByteArray>> answerEvents(MessageId id) const;
    Result<QByteArray> answerTokens(MessageId id) const; // int32, little endian
    // The tokens that the answer read, in the same form; empty when they were not kept.
    Result<void> setAnswerPrompt(MessageId id, const QByteArray& tokens) const;
    Result<QByteArray> answerPrompt(MessageId id) const;

    // Snapshots are files of the engine; what is known here is which answers they belong to.
    Result<void> keepSnapshot(MessageId answer, const QString& snapshot, qint64 nowMs) const; // instead of a former one
    Result<void> useSnapshot(const QString& snapshot, qint64 nowMs) const;
    Result<void> setSnapshotPinned(const QString& snapshot, bool pinned) const;
    Result<void> forgetSnapshots(const QStringList& snapshots) const;
    Result<QVector<SnapshotRow>> snapshots() const;

private:
    Result<void> gatherText(MessageId id) const;
    Result<void> insertPiece(const AnswerPiece& piece) const;
    Result<void> writeFacts(MessageId id, const AnswerFacts& facts) const;
    Result<void> writeDocuments(const Message& message) const;
    Result<QVector<Document>> readDocuments(MessageId id) const;
    Result<QVector<Message>> readMessages(ConversationId id) const;

    const Database& m_database;
};

} // namespace bathy::storage
