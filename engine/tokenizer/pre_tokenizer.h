// Cuts text into words: a sequence of splits, each applied to every piece that the ones before it left. Look-around
// sees its own piece only, as in the reference implementation. Immutable; the scratch belongs to one caller.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/regex.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

enum class Keep : std::uint8_t {
    All,     // "Isolated": matches and what lies between them, each a piece of its own
    Matches, // "Removed" inverted: only what matches
    Gaps,    // "Removed": only what lies between
};

struct SplitRule {
    std::string pattern; // for PCRE2
    Keep keep = Keep::All;
};

// Half-open range of bytes of one text below 2 GiB.
struct Word {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Word&) const = default;
};

class PreTokenizer {
public:
    // Errors: those of Regex::compile, naming the rule.
    static Result<PreTokenizer> create(const std::vector<SplitRule>& rules);

    struct Scratch {
        Regex::Scratch regex;
        std::vector<Word> pieces;
        std::vector<Word> next;
        std::chrono::steady_clock::time_point deadline;
        std::uint32_t untilClock = 0;
    };

    // Appends the words of text[range], in order, to `out`. Bytes that are no UTF-8 are words of their own.
    // Errors: BadFile when a pattern gives up or takes more time than any sane one.
    Result<void> split(std::string_view text, Word range, Scratch& scratch, std::vector<Word>& out) const;

private:
    struct Rule {
        Regex regex;
        Keep keep;
    };
    explicit PreTokenizer(std::vector<Rule> rules) : m_rules(std::move(rules)) {}
    Result<void> splitValid(std::string_view text, Word range, Scratch& scratch, std::vector<Word>& out) const;
    static Result<void> apply(const Rule& rule, std::string_view text, Word piece, Scratch& scratch);

    std::vector<Rule> m_rules;
};

} // namespace bathy::tokenizer
