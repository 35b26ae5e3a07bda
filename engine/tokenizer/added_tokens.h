// Finds added tokens in text: leftmost first, and the longest of those that begin there. Immutable, any thread.
#pragma once

#include "engine/tokenizer/flat_map.h"

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

struct AddedToken {
    std::int32_t id = 0;
    std::string content;
    bool special = false;
    bool normalized = false; // looked for after the others, in what they left
    bool stripLeft = false;  // swallows white space before it
    bool stripRight = false;
};

class AddedTokenFinder {
public:
    // Contents must not be empty.
    explicit AddedTokenFinder(const std::vector<AddedToken>& tokens);

    struct Found {
        std::int32_t id = 0;
        std::uint32_t begin = 0; // bytes it stands for, white space that it swallows included
        std::uint32_t end = 0;
    };
    // Appends what is found in text[begin, end).
    void find(std::string_view text, std::uint32_t begin, std::uint32_t end, std::vector<Found>& out) const;
    bool empty() const { return m_tokens.empty(); }

private:
    struct Ending {
        std::int32_t id;
        bool stripLeft;
        bool stripRight;
    };
    // The token that matches at the start of `rest` and its length; kNone when none does.
    std::uint32_t longest(std::string_view rest, std::uint32_t& length) const;

    std::vector<Ending> m_tokens;
    std::vector<std::uint32_t> m_ends; // by trie node: index into m_tokens, kNone
    FlatMap m_edges;                   // (node, byte) → node
    std::bitset<256> m_first;
};

} // namespace bathy::tokenizer
