#include "engine/tokenizer/added_tokens.h"

#include "engine/tokenizer/utf8.h"

namespace bathy::tokenizer {
namespace {

std::uint64_t edgeKey(std::uint32_t node, char byte) {
    return static_cast<std::uint64_t>(node) << 8U | static_cast<std::uint8_t>(byte);
}

// Unicode property White_Space.
bool isWhiteSpace(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::uint32_t skipSpaceRight(std::string_view text, std::uint32_t at, std::uint32_t end) {
    while (at < end) {
        const auto step = utf8Step(text.substr(at, end - at));
        if (step.state != Utf8State::Whole || !isWhiteSpace(step.character))
            break;
        at += step.length;
    }
    return at;
}

std::uint32_t skipSpaceLeft(std::string_view text, std::uint32_t begin, std::uint32_t at) {
    while (at > begin) {
        auto start = at - 1;
        while (start > begin && at - start < 4 && (static_cast<std::uint8_t>(text[start]) & 0xC0U) == 0x80)
            --start;
        const auto step = utf8Step(text.substr(start, at - start));
        if (step.state != Utf8State::Whole || step.length != at - start || !isWhiteSpace(step.character))
            break;
        at = start;
    }
    return at;
}

} // namespace

AddedTokenFinder::AddedTokenFinder(const std::vector<AddedToken>& tokens) : m_ends{FlatMap::kNone} {
    for (const auto& token : tokens) {
        std::uint32_t node = 0;
        for (const char byte : token.content) {
            auto child = m_edges.find(edgeKey(node, byte));
            if (child == FlatMap::kNone) {
                child = static_cast<std::uint32_t>(m_ends.size());
                m_ends.push_back(FlatMap::kNone);
                m_edges.set(edgeKey(node, byte), child);
            }
            node = child;
        }
        m_first.set(static_cast<std::uint8_t>(token.content.front()));
        m_ends[node] = static_cast<std::uint32_t>(m_tokens.size());
        m_tokens.push_back({token.id, token.stripLeft, token.stripRight});
    }
}

std::uint32_t AddedTokenFinder::longest(std::string_view rest, std::uint32_t& length) const {
    std::uint32_t best = FlatMap::kNone;
    std::uint32_t node = 0;
    for (std::uint32_t i = 0; i < rest.size(); ++i) {
        node = m_edges.find(edgeKey(node, rest[i]));
        if (node == FlatMap::kNone)
            break;
        if (m_ends[node] != FlatMap::kNone) {
            best = m_ends[node];
            length = i + 1;
        }
    }
    return best;
}

void AddedTokenFinder::find(std::string_view text, std::uint32_t begin, std::uint32_t end,
                            std::vector<Found>& out) const {
    std::uint32_t free = begin; // nothing before it may be swallowed
    for (std::uint32_t at = begin; at < end;) {
        if (!m_first.test(static_cast<std::uint8_t>(text[at]))) {
            ++at;
            continue;
        }
        std::uint32_t length = 0;
        const auto found = longest(text.substr(at, end - at), length);
        if (found == FlatMap::kNone) {
            ++at;
            continue;
        }
        const auto& token = m_tokens[found];
        const auto from = token.stripLeft ? skipSpaceLeft(text, free, at) : at;
        at += length;
        free = token.stripRight ? skipSpaceRight(text, at, end) : at;
        out.push_back({token.id, from, free});
        at = free;
    }
}

} // namespace bathy::tokenizer
