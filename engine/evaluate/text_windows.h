// How a long text is cut into windows for scoring. Pure functions.
//
// The rule. With W = context minus one for the begin token where there is one, and a stride of W/2 (rounded down): the
// first window holds the first W tokens and scores all of them; each later window begins a stride after the one before
// and scores only what that one had not reached. So every token is scored exactly once, and every token after the first
// window with at least W - stride tokens before it. The begin token opens every window and is never scored itself.
// Without a begin token the very first token of the text has nothing before it and is not scored.
#pragma once

#include <cstdint>
#include <vector>

namespace bathy::evaluate {

// Half-open ranges of the text's tokens: [begin, end) is in the window, [scored, end) is scored in it.
struct TextWindow {
    std::int64_t begin = 0;
    std::int64_t scored = 0;
    std::int64_t end = 0;
    bool operator==(const TextWindow&) const = default;
};

inline constexpr std::int64_t kSmallestContext = 8;

// `context` at least kSmallestContext. Empty for no tokens (one token where there is no begin token).
std::vector<TextWindow> textWindows(std::int64_t tokens, std::int64_t context, bool beginToken);

} // namespace bathy::evaluate
