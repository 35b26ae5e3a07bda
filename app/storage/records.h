// What the store keeps, as plain values that cross threads by copy.
#pragma once

#include <QByteArray>
#include <QString>
#include <QVector>

#include <cstdint>

namespace bathy::storage {

// Made by the program, not by the database, so that a row has its id before it is written. They grow with time.
enum class ConversationId : qint64 {};
enum class MessageId : qint64 {}; // 0: none (the parent of a conversation's first message)

// Unique on this machine, greater than all before it in this process. Any thread.
qint64 freshId();

enum class Role : std::uint8_t { System, User, Assistant };

enum class MessageState : std::uint8_t {
    Done,
    Streaming,
    Stopped,     // by the user
    Interrupted, // the engine or the program ended while it streamed
    Failed,
};

struct Document {
    QString name;
    QString text;
    qint64 tokens = 0; // 0: not counted
};

struct AnswerFacts {
    quint64 generation = 0; // the id its events carry; 0: never started
    QString modelName;
    QString modelFingerprint;
    QString settings = QStringLiteral("{}"); // JSON
    quint64 seed = 0;
    QString finish; // end_token, stop_string, max_tokens, context_full, cancelled, host_died, or an error's name
    QString note;   // why it ended, when that needs words
    qint64 promptTokens = 0;
    qint64 reusedTokens = 0;
    qint64 generatedTokens = 0;
    double prefillSeconds = 0;
    double decodeSeconds = 0;
    double firstTokenSeconds = 0;
};

struct Message {
    MessageId id{};
    ConversationId conversation{};
    MessageId parent{};
    Role role{};
    QString content;
    QString reasoning;
    MessageState state = MessageState::Done;
    qint64 createdMs = 0;
    bool active = true;          // the shown one of its siblings
    QVector<Document> documents; // user messages
    AnswerFacts facts;           // assistant messages
    QString snapshot;            // assistant messages: what was kept of the conversation up to here; empty: nothing
};

struct ConversationRow {
    ConversationId id{};
    QString title;
    qint64 createdMs = 0;
    qint64 updatedMs = 0;
    QString settings = QStringLiteral("{}"); // JSON
    QString excerpt;                         // where a search matched; else empty
};

struct StoredConversation {
    ConversationRow row;
    QVector<Message> messages; // all versions, parents before children
};

// What was kept for an answer.
struct SnapshotRow {
    QString snapshot; // its id
    MessageId message{};
    ConversationId conversation{}; // 0: it is gone
    QString title;                 // of the conversation
    qint64 usedMs = 0;
    bool pinned = false;
};

// What came of an answer since the last piece.
struct AnswerPiece {
    MessageId message{};
    QString text;
    QString reasoning;
    QByteArray tokenIds; // int32, little endian
    QByteArray events;   // frames of the wire
};

} // namespace bathy::storage
