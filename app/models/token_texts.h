// Bytes of tokens by id, as the engine tells them. Grows, never changes: shared by all snapshots. UI thread.
#pragma once

#include "engine/base/ids.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace bathy::models {

class TokenTexts {
public:
    void add(TokenId token, std::string bytes) { m_texts.insert_or_assign(raw(token), std::move(bytes)); }
    bool knows(TokenId token) const { return m_texts.contains(raw(token)); }
    // May be broken UTF-8; empty when unknown.
    std::string_view bytes(TokenId token) const {
        const auto found = m_texts.find(raw(token));
        return found == m_texts.end() ? std::string_view{} : std::string_view{found->second};
    }

private:
    std::unordered_map<std::int32_t, std::string> m_texts;
};

} // namespace bathy::models
