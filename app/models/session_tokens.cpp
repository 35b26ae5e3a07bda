#include "app/models/session_tokens.h"

#include <QtEndian>

#include <cstring>

namespace bathy::models {

QByteArray packTokens(std::span<const TokenId> tokens) {
    QByteArray bytes;
    bytes.reserve(static_cast<qsizetype>(tokens.size() * sizeof(qint32)));
    for (const auto token : tokens) {
        const auto id = qToLittleEndian(static_cast<qint32>(raw(token)));
        bytes.append(reinterpret_cast<const char*>(&id), sizeof id);
    }
    return bytes;
}

std::vector<TokenId> unpackTokens(const QByteArray& bytes) {
    std::vector<TokenId> tokens(static_cast<std::size_t>(bytes.size()) / sizeof(qint32));
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i] = TokenId{qFromLittleEndian<qint32>(bytes.constData() + i * sizeof(qint32))};
    return tokens;
}

void SessionTokens::take(const api::Event& event) {
    if (const auto* started = std::get_if<api::GenerationStarted>(&event)) {
        m_sessions[started->generation] = started->session;
        auto& tokens = m_tokens[started->session];
        const auto reused = static_cast<std::size_t>(std::max<std::int64_t>(0, started->reusedTokens));
        tokens.resize(std::min(tokens.size(), reused));
    } else if (const auto* restored = std::get_if<api::SessionRestored>(&event)) {
        m_tokens[restored->session] = restored->held;
    } else if (const auto* closed = std::get_if<api::SessionClosed>(&event)) {
        m_tokens.erase(closed->session);
        std::erase_if(m_sessions, [closed](const auto& entry) { return entry.second == closed->session; });
    } else if (const auto* records = std::get_if<api::Records>(&event)) {
        for (const auto& record : records->records) {
            const auto* token = std::get_if<telemetry::TokenEvent>(&record);
            const auto found = token ? m_sessions.find(token->generation) : m_sessions.end();
            if (found == m_sessions.end())
                continue;
            auto& tokens = m_tokens[found->second];
            if (raw(token->position) == static_cast<std::int64_t>(tokens.size())) // in order, without a gap
                tokens.push_back(token->token);
        }
    }
}

void SessionTokens::forgetAll() {
    m_sessions.clear();
    m_tokens.clear();
}

std::span<const TokenId> SessionTokens::prompt(GenerationId generation, std::int64_t count) const {
    const auto session = m_sessions.find(generation);
    if (session == m_sessions.end() || count < 0)
        return {};
    const auto found = m_tokens.find(session->second);
    if (found == m_tokens.end() || found->second.size() < static_cast<std::size_t>(count))
        return {};
    return std::span(found->second).first(static_cast<std::size_t>(count));
}

} // namespace bathy::models
