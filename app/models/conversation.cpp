#include "app/models/conversation.h"

#include <QDateTime>

#include <algorithm>

namespace bathy::models {
namespace {

constexpr int kTitleLength = 60;

} // namespace

Conversation::Conversation(storage::StoredConversation stored)
    : m_row(std::move(stored.row)), m_settings(ChatSettings::fromJson(m_row.settings)) {
    for (auto& message : stored.messages) {
        m_children[message.parent].append(message.id);
        m_messages.insert(message.id, std::move(message));
    }
}

Conversation Conversation::fresh(ChatSettings settings) {
    Conversation conversation;
    conversation.m_row.id = ConversationId(storage::freshId());
    conversation.m_row.createdMs = QDateTime::currentMSecsSinceEpoch();
    conversation.m_row.updatedMs = conversation.m_row.createdMs;
    conversation.setSettings(std::move(settings));
    return conversation;
}

void Conversation::setSettings(ChatSettings settings) {
    m_settings = std::move(settings);
    m_row.settings = m_settings.toJson();
}

QVector<MessageId> Conversation::path() const {
    QVector<MessageId> path;
    for (MessageId parent{};;) {
        const auto children = m_children.constFind(parent);
        if (children == m_children.constEnd() || children->isEmpty())
            return path;
        const auto active =
            std::find_if(children->begin(), children->end(), [this](MessageId id) { return m_messages[id].active; });
        parent = active != children->end() ? *active : children->last();
        path.append(parent);
    }
}

MessageId Conversation::lastOfPath() const {
    const auto shown = path();
    return shown.isEmpty() ? MessageId{} : shown.last();
}

QVector<MessageId> Conversation::all() const {
    QVector<MessageId> ids(m_messages.keyBegin(), m_messages.keyEnd());
    std::sort(ids.begin(), ids.end());
    return ids;
}

const Message* Conversation::find(MessageId id) const {
    const auto found = m_messages.constFind(id);
    return found == m_messages.constEnd() ? nullptr : &*found;
}

Message* Conversation::find(MessageId id) {
    const auto found = m_messages.find(id);
    return found == m_messages.end() ? nullptr : &*found;
}

QVector<MessageId> Conversation::answersTo(MessageId question) const {
    QVector<MessageId> answers;
    for (const auto id : m_children.value(question))
        if (find(id)->role == Role::Assistant)
            answers.append(id);
    return answers;
}

QVector<MessageId> Conversation::versions(MessageId id) const {
    const auto* message = find(id);
    return message != nullptr ? m_children.value(message->parent) : QVector<MessageId>();
}

void Conversation::add(Message message) {
    const auto id = message.id;
    siblingsOf(message.parent).append(id);
    m_messages.insert(id, std::move(message));
    setActive(id);
}

void Conversation::setActive(MessageId id) {
    for (const auto sibling : versions(id))
        m_messages[sibling].active = sibling == id;
}

QVector<Message> Conversation::take(MessageId id) {
    const auto* top = find(id);
    if (top == nullptr)
        return {};
    auto& siblings = siblingsOf(top->parent);
    const bool wasActive = top->active;
    siblings.removeAll(id);
    if (wasActive && !siblings.isEmpty())
        setActive(siblings.last());
    QVector<Message> taken;
    QVector<MessageId> open{id};
    while (!open.isEmpty()) {
        const auto next = open.takeFirst();
        taken.append(m_messages.take(next));
        open += m_children.take(next);
    }
    return taken;
}

void Conversation::putBack(const QVector<Message>& messages) {
    for (const auto& message : messages) {
        auto& siblings = siblingsOf(message.parent);
        siblings.append(message.id);
        std::sort(siblings.begin(), siblings.end());
        m_messages.insert(message.id, message);
    }
    if (!messages.isEmpty())
        setActive(messages.first().id);
}

QString Conversation::titleFrom(const QString& text) {
    auto title = text.simplified();
    while (title.startsWith(QLatin1Char('#')) || title.startsWith(QLatin1Char(' ')))
        title.remove(0, 1);
    if (title.size() <= kTitleLength)
        return title;
    const auto cut = title.lastIndexOf(QLatin1Char(' '), kTitleLength);
    return title.left(cut > kTitleLength / 2 ? cut : kTitleLength) + QStringLiteral("…");
}

} // namespace bathy::models
