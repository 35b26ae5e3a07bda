#include "app/models/session_pool.h"

#include "app/bridge/engine_link.h"

#include <algorithm>

namespace bathy::models {

SessionId SessionPool::sessionFor(storage::ConversationId conversation) {
    const auto found =
        std::find_if(m_open.begin(), m_open.end(), [&](const Open& open) { return open.conversation == conversation; });
    if (found != m_open.end()) {
        std::rotate(m_open.begin(), found, found + 1);
        return m_open.front().session;
    }
    const auto session = m_link.freshSession();
    openAs(conversation, session);
    return session;
}

void SessionPool::makeRoom() {
    if (m_open.size() < kMaxOpen)
        return;
    m_link.post(api::CloseSession{{}, m_open.back().session});
    m_open.pop_back();
}

std::pair<SessionId, api::RequestId> SessionPool::reopen(storage::ConversationId conversation,
                                                         const std::string& file) {
    makeRoom();
    const auto session = m_link.freshSession();
    const auto request = m_link.post(api::RestoreSession{{}, session, {}, file});
    m_open.insert(m_open.begin(), {conversation, session, request});
    return {session, request};
}

void SessionPool::openAs(storage::ConversationId conversation, SessionId session) {
    makeRoom();
    const auto request = m_link.post(api::OpenSession{{}, session, {}});
    m_open.insert(m_open.begin(), {conversation, session, request});
}

std::optional<SessionId> SessionPool::find(storage::ConversationId conversation) const {
    for (const auto& open : m_open)
        if (open.conversation == conversation)
            return open.session;
    return std::nullopt;
}

void SessionPool::close(storage::ConversationId conversation) {
    const auto found =
        std::find_if(m_open.begin(), m_open.end(), [&](const Open& open) { return open.conversation == conversation; });
    if (found == m_open.end())
        return;
    m_link.post(api::CloseSession{{}, found->session});
    m_open.erase(found);
}

bool SessionPool::dropFailed(api::RequestId request) {
    return std::erase_if(m_open, [&](const Open& open) { return open.request == request; }) > 0;
}

} // namespace bathy::models
