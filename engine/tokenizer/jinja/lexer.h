// Cuts a chat template into plain text and the tokens inside of its tags, with the whitespace rules of Hugging Face:
// trim_blocks and lstrip_blocks are on, one newline at the end of the template is left out.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer::jinja {

enum class TokenKind : std::uint8_t {
    Plain, // text outside of tags
    PrintBegin,
    PrintEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Real,
    Sign, // operators and brackets
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text; // of a string: what it stands for
    int line = 1;
};

// Errors: BadFile with the line (a tag or string without an end, an unknown character).
Result<std::vector<Token>> tokens(std::string_view source);

Error syntaxError(int line, const std::string& problem);

} // namespace bathy::tokenizer::jinja
