// Whether an answer is right. Pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace bathy::evaluate {

enum class Match {
    Exact,    // the same text, white space around it aside
    Contains, // the expected text stands in the answer, not as a part of a longer word or number
    Json,     // the answer is JSON with the same value; the order of keys and white space do not count
    Number,   // the last number of the answer has the same value; commas between digits do not count
};

std::optional<Match> matchFromName(std::string_view name); // "exact", "contains", "json", "number"
// Whether `expected` is something this kind can compare with: JSON for Json, a number for Number.
bool canMatch(Match match, std::string_view expected);
bool matches(Match match, std::string_view expected, std::string_view answer);

} // namespace bathy::evaluate
