// The part of Jinja that chat templates of this model family are written in; everything else is refused by name.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/jinja/syntax.h"

#include <string_view>

namespace bathy::tokenizer::jinja {

inline constexpr int kMostNesting = 64; // blocks in blocks
inline constexpr int kDeepestExpression = 100;

// Errors: BadFile with the line (no Jinja), Unsupported (a tag that is not read here).
Result<Block> parse(std::string_view source);

} // namespace bathy::tokenizer::jinja
