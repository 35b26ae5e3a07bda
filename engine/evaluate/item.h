// Questions with known answers, as files of JSON lines. One line:
//   {"id": "units-0007", "skill": "units", "messages": [{"role": "user", "content": "..."}], "thinking": false,
//    "max_tokens": 64, "answer": "3000", "match": "number"}
// or, for a question about a long text that is made when it is asked (haystack.h):
//   {"id": "passkey-0001", "skill": "passkey", "passkey": {"length": 4096, "depth": 0.35, "seed": 17, "decoys": 0}}
// "domain" may name the kind of text a skill belongs to; without it each skill is one. Further keys are ignored. Blank
// lines count as lines and hold nothing. Plain values, any thread.
#pragma once

#include "engine/api/options.h"
#include "engine/base/result.h"
#include "engine/evaluate/match.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::evaluate {

struct Passkey {
    std::int64_t length = 4096; // tokens of the whole prompt, at most; kShortestPasskey..2^24
    double depth = 0.5;         // of the needle in the text, 0: beginning, 1: end
    std::uint64_t seed = 0;
    int decoys = 0; // sentences of the same form about others, 0..kMostDecoys
};
inline constexpr std::int64_t kShortestPasskey = 256;
inline constexpr int kMostDecoys = 15;

struct Item {
    std::string id;                         // unique in a suite
    std::string skill;                      // what it counts towards
    std::string domain;                     // what kind of text it is
    std::vector<api::ChatMessage> messages; // empty for a pass-key
    std::optional<Passkey> passkey;
    bool thinking = false;
    std::int64_t maxTokens = 16; // required of items with messages
    std::string answer;          // empty for a pass-key
    Match match = Match::Contains;
};

// Errors: BadFile that names the field.
Result<Item> parseItem(std::string_view line);
// Errors: BadFile that names `name`, the line and the field (also an id that occurs twice).
Result<std::vector<Item>> parseItems(std::string_view text, std::string_view name);
// One file, or all *.jsonl files of a folder in the order of their names. Errors: as above; NotFound (no such path,
// no such file in the folder), Io.
Result<std::vector<Item>> readItems(const std::filesystem::path& path);

} // namespace bathy::evaluate
