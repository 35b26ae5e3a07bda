// How GGUF names the ways of cutting text, and what tokenizer.json says instead.
#pragma once

#include <span>
#include <string_view>

namespace bathy::tokenizer {

struct GgufRule {
    std::string_view name; // the one that is written
    std::span<const std::string_view> aliases;
    std::span<const std::string_view> patterns; // Split, Isolated, in this order, before ByteLevel
    bool composes = false;                      // NFC before everything else
    bool ignoresMerges = false;                 // whole words of the vocabulary are taken as they are
};

std::span<const GgufRule> ggufRules();
// nullptr when no rule has this name.
const GgufRule* ggufRule(std::string_view name);

} // namespace bathy::tokenizer
