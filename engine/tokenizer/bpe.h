// Byte-pair merging of one word: from single bytes, always the adjacent pair with the lowest rank, the leftmost among
// equals, until none is left. Immutable; the scratch belongs to one caller.
#pragma once

#include "engine/base/ids.h"
#include "engine/tokenizer/flat_map.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bathy::tokenizer {

struct Merge {
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::int32_t merged = 0;
};

class Bpe {
public:
    // `byteTokens`: the token of each single byte. `merges`: lowest rank first; of a repeated pair the last one counts.
    // `wholeWords`: words that are one token without merging (ignore_merges); usually empty.
    Bpe(const std::array<std::int32_t, 256>& byteTokens, const std::vector<Merge>& merges,
        std::unordered_map<std::string, std::int32_t> wholeWords);

    struct Symbol {
        std::int32_t token;
        std::int32_t previous; // index into the word, -1: none
        std::int32_t next;
        std::uint32_t rank; // of the pair with the next one
    };
    struct Candidate {
        std::uint32_t rank;
        std::int32_t at; // left symbol
        bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : at > other.at; }
    };
    struct Scratch {
        std::vector<Symbol> symbols;
        std::vector<Candidate> heap;
    };

    // Appends the tokens of `word`. Time O(n log n).
    void encode(std::string_view word, Scratch& scratch, std::vector<TokenId>& out) const;

private:
    std::uint32_t rankOf(const std::vector<Symbol>& symbols, std::int32_t at) const;
    void mergeShort(std::vector<Symbol>& symbols) const;
    void mergeLong(Scratch& scratch) const;

    std::array<std::int32_t, 256> m_byteTokens;
    FlatMap m_ranks;                    // (left, right) → index into m_merged
    std::vector<std::int32_t> m_merged; // by rank
    std::unordered_map<std::string, std::int32_t> m_wholeWords;
};

} // namespace bathy::tokenizer
