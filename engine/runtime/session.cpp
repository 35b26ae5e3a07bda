#include "engine/runtime/session.h"

#include "engine/runtime/prompt.h"

#include <algorithm>

namespace bathy::runtime {

std::int64_t Session::reuse(std::span<const TokenId> prompt) {
    const auto wanted = std::min(commonPrefix(tokens, prompt), static_cast<std::int64_t>(prompt.size()) - 1);
    if (wanted < state->length())
        tokens.resize(static_cast<std::size_t>(state->truncate(wanted)));
    return static_cast<std::int64_t>(tokens.size());
}

} // namespace bathy::runtime
