// What a tokenizer.json says, checked: every id, key and merge is consistent, everything this build does not know has
// been refused by its name. Plain data.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/bpe.h"
#include "engine/tokenizer/pre_tokenizer.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bathy::tokenizer {

struct TokenizerFile {
    std::vector<std::string> bytes; // by id: what the token stands for, added tokens their text; empty: no such id
    std::array<std::int32_t, 256> byteTokens{};
    std::vector<Merge> merges;                                // those that lead to an added token are left out
    std::unordered_map<std::string, std::int32_t> wholeWords; // only with ignore_merges
    std::vector<AddedToken> added;
    std::vector<SplitRule> splits;
    bool nfc = false; // text is put into normal form C before it is cut
};

// `name` stands for the file in errors. Errors: BadFile, Unsupported.
Result<TokenizerFile> readTokenizerFile(std::string_view json, std::string_view name);

} // namespace bathy::tokenizer
