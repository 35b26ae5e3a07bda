// Which engine session holds which conversation. A few stay open, so that going back and forth between conversations
// does not read them again; the one unused for longest is closed first. UI thread.
#pragma once

#include "app/storage/records.h"
#include "engine/api/commands.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bathy::bridge {
class EngineLink;
}

namespace bathy::models {

class SessionPool {
public:
    static constexpr std::size_t kMaxOpen = 3;

    // `link` outlives the pool.
    explicit SessionPool(bridge::EngineLink& link) : m_link(link) {}

    SessionId sessionFor(storage::ConversationId conversation); // opened when it is not
    // A new session for a conversation that has none, filled from a snapshot's file; the request says what comes of it.
    std::pair<SessionId, api::RequestId> reopen(storage::ConversationId conversation, const std::string& file);
    // The id of a session that could not be reopened, for an empty one.
    void openAs(storage::ConversationId conversation, SessionId session);
    std::optional<SessionId> find(storage::ConversationId conversation) const; // only when it is open
    void close(storage::ConversationId conversation);
    // True when the request was an attempt to open a session; that session is forgotten.
    bool dropFailed(api::RequestId request);
    void forgetAll() { m_open.clear(); } // the engine has closed them: another model, or another engine

private:
    struct Open {
        storage::ConversationId conversation{};
        SessionId session{};
        api::RequestId request{}; // that opened it
    };
    void makeRoom(); // for one more

    bridge::EngineLink& m_link;
    std::vector<Open> m_open; // most recently used first
};

} // namespace bathy::models
