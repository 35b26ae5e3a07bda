// One conversation in memory: a tree of messages of which one path is shown. Regenerating and editing add siblings
// ("versions"), nothing is overwritten. Value type, no I/O.
#pragma once

#include "app/models/chat_settings.h"
#include "app/storage/records.h"

#include <QHash>
#include <QVector>

namespace bathy::models {

using storage::ConversationId;
using storage::Message;
using storage::MessageId;
using storage::MessageState;
using storage::Role;

class Conversation {
public:
    Conversation() = default;
    explicit Conversation(storage::StoredConversation stored);
    static Conversation fresh(ChatSettings settings);

    ConversationId id() const { return m_row.id; }
    const storage::ConversationRow& row() const { return m_row; }
    bool isEmpty() const { return m_messages.isEmpty(); }
    const ChatSettings& settings() const { return m_settings; }
    void setSettings(ChatSettings settings);
    void setTitle(const QString& title) { m_row.title = title; }
    void touch(qint64 nowMs) { m_row.updatedMs = nowMs; }

    // The messages that are shown, first to last.
    QVector<MessageId> path() const;
    MessageId lastOfPath() const;
    QVector<MessageId> all() const; // every version, oldest first
    const Message* find(MessageId id) const;
    Message* find(MessageId id);

    QVector<MessageId> answersTo(MessageId question) const; // all versions, oldest first

    // Versions of a message: itself and its siblings of the same role, oldest first.
    QVector<MessageId> versions(MessageId id) const;

    void add(Message message); // becomes the active one of its siblings
    void setActive(MessageId id);
    // Takes the message and all below it out and returns them, parents first; a sibling that is left becomes active.
    QVector<Message> take(MessageId id);
    void putBack(const QVector<Message>& messages); // what take() returned

    // A title made of the first question; used until the user gives one.
    static QString titleFrom(const QString& text);

private:
    QVector<MessageId>& siblingsOf(MessageId parent) { return m_children[parent]; }

    storage::ConversationRow m_row;
    ChatSettings m_settings;
    QHash<MessageId, Message> m_messages;
    QHash<MessageId, QVector<MessageId>> m_children; // parent (0: none) → children, oldest first
};

} // namespace bathy::models
