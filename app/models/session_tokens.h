// Which tokens each engine session holds, put together from its events: what an answer has read, to the token. UI
// thread.
#pragma once

#include "engine/api/events.h"

#include <QByteArray>

#include <span>
#include <unordered_map>
#include <vector>

namespace bathy::models {

// Token ids as the store keeps them: int32, little endian.
QByteArray packTokens(std::span<const TokenId> tokens);
std::vector<TokenId> unpackTokens(const QByteArray& bytes);

class SessionTokens {
public:
    void take(const api::Event& event);
    void forgetAll();

    // The first `count` tokens of the session that a generation runs in; empty when they are not all known.
    std::span<const TokenId> prompt(GenerationId generation, std::int64_t count) const;

private:
    std::unordered_map<GenerationId, SessionId> m_sessions;
    std::unordered_map<SessionId, std::vector<TokenId>> m_tokens;
};

} // namespace bathy::models
