// A tokenizer.json as it comes back after it was written as GGUF metadata.
#pragma once

#include "engine/tokenizer/gguf_tokenizer.h"

#include <string>

namespace bathy::tokenizer::test {

inline Result<std::string> throughGguf(const std::string& json) {
    BATHY_TRY(const auto text, ggufTokenizer(json));
    GgufTokenizer view;
    view.model = "gpt2";
    view.pre = text.pre;
    view.tokens.assign(text.tokens.begin(), text.tokens.end());
    view.kinds = text.kinds;
    view.merges.assign(text.merges.begin(), text.merges.end());
    return tokenizerJson(view);
}

} // namespace bathy::tokenizer::test
