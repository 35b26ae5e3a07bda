// Patterns in tokenizer.json are written for Oniguruma with Ruby's syntax. Here they are rewritten for PCRE2 where the
// two differ, and refused by name where they cannot be. Pure function.
#pragma once

#include "engine/base/result.h"

#include <string>
#include <string_view>

namespace bathy::tokenizer {

// Errors: Unsupported, naming the construct. What is rewritten: \s \S (White_Space; PCRE2 adds U+180E), \d \D (Nd), \v
// (U+000B alone), ^ and $ (line ends in Ruby).
Result<std::string> translatePattern(std::string_view oniguruma);

// A pattern that matches exactly this text.
std::string literalPattern(std::string_view text);

} // namespace bathy::tokenizer
