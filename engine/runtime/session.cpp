#include "engine/runtime/session.h"

#include "engine/runtime/prompt.h"

#include <algorithm>
#include <utility>

namespace bathy::runtime {

std::int64_t Session::reuse(std::span<const TokenId> prompt, std::vector<ExpertRef> bans) {
    const auto shared = bans == bannedExperts ? commonPrefix(tokens, prompt) : 0;
    bannedExperts = std::move(bans);
    const auto wanted = std::min(shared, static_cast<std::int64_t>(prompt.size()) - 1);
    if (wanted < state->length())
        tokens.resize(static_cast<std::size_t>(state->truncate(wanted)));
    return static_cast<std::int64_t>(tokens.size());
}

} // namespace bathy::runtime
