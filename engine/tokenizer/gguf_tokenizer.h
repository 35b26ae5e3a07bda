// The tokenizer that a GGUF file carries in its metadata and the tokenizer.json it was made from: one as the other, so
// that there is one reader with one set of checks. GGUF names the rule by which text is cut ("deepseek-v3") where
// tokenizer.json spells it out. Spec of the formats, sections 13.1 and 15. Pure functions.
#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

// Kinds of tokens in tokenizer.ggml.token_type.
enum class GgufTokenKind : std::int32_t { Normal = 1, Unknown, Control, UserDefined, Unused, Byte };

// Strings may point into a mapped file.
struct GgufTokenizer {
    std::string_view model;               // "gpt2": byte-level BPE
    std::string_view pre;                 // the name of the rule
    std::vector<std::string_view> tokens; // by id
    std::vector<std::int32_t> kinds;      // of GgufTokenKind; empty: all normal
    std::vector<std::string_view> merges; // "A B"
};

// Errors: Unsupported (another model, a rule or kind that is not known), BadFile (sizes that do not agree, text that is
// no UTF-8, a token twice); the sentence begins with the metadata key.
Result<std::string> tokenizerJson(const GgufTokenizer& gguf);

// The reverse. Errors: BadFile, Unsupported (a way of cutting text, or an added token that swallows spaces: GGUF has no
// word for them).
struct GgufTokenizerText {
    std::string pre;
    std::vector<std::string> tokens; // ids without a token are "[PAD<id>]", unused
    std::vector<std::int32_t> kinds;
    std::vector<std::string> merges;
};
Result<GgufTokenizerText> ggufTokenizer(std::string_view tokenizerJson);

} // namespace bathy::tokenizer
