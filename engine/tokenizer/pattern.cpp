#include "engine/tokenizer/pattern.h"

#include <algorithm>
#include <array>

namespace bathy::tokenizer {
namespace {

bool isAlnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

class Translator {
public:
    explicit Translator(std::string_view source) : m_source(source) {}

    Result<std::string> run() {
        while (m_at < m_source.size()) {
            if (auto done = m_inClass ? classCharacter() : character(); !done)
                return done.error();
        }
        if (m_inClass)
            return refuse("an unclosed character class");
        return std::move(m_result);
    }

private:
    char peek(std::size_t ahead = 0) const { return m_at + ahead < m_source.size() ? m_source[m_at + ahead] : '\0'; }
    void copy(std::size_t count) {
        m_result.append(m_source.substr(m_at, count));
        m_at += count;
    }
    void replace(std::size_t count, std::string_view with) {
        m_result.append(with);
        m_at += count;
    }
    Error refuse(std::string_view what) const {
        return Error(ErrorCode::Unsupported, std::string(what) + " at byte " + std::to_string(m_at));
    }

    Result<void> character() {
        switch (peek()) {
        case '\\':
            return escape();
        case '[':
            return beginClass();
        case '(':
            return group();
        case '{':
            return repeat();
        case '^':
            replace(1, "(?m:^)");
            return {};
        case '$':
            replace(1, "(?m:$)");
            return {};
        case '\0':
            return refuse("a NUL character");
        default:
            copy(1);
            return {};
        }
    }

    Result<void> beginClass() {
        const std::size_t head = peek(1) == '^' ? 2 : 1;
        if (peek(head) == ']')
            return refuse("an empty character class");
        copy(head);
        m_inClass = true;
        return {};
    }

    Result<void> classCharacter() {
        if (peek() == '\\')
            return escape();
        if (peek() == '[')
            return refuse("a nested character class");
        if (peek() == '&' && peek(1) == '&')
            return refuse("an intersection of character classes");
        if (peek() == '\0')
            return refuse("a NUL character");
        m_inClass = peek() != ']';
        copy(1);
        return {};
    }

    Result<void> escape() {
        const char c = peek(1);
        switch (c) {
        case 's':
            replace(2, "\\p{White_Space}");
            return {};
        case 'S':
            replace(2, "\\P{White_Space}");
            return {};
        case 'd':
            replace(2, "\\p{Nd}");
            return {};
        case 'D':
            replace(2, "\\P{Nd}");
            return {};
        case 'v':
            replace(2, "\\x0b");
            return {};
        case 'p':
        case 'P':
            return property();
        case 'r':
        case 'n':
        case 't':
        case 'f':
            copy(2);
            return {};
        default:
            if (c == '\0' || isAlnum(c))
                return refuse(std::string("the escape \\") + (c == '\0' ? ' ' : c));
            copy(2);
            return {};
        }
    }

    // General categories only: scripts mean another set of characters in PCRE2.
    Result<void> property() {
        const auto end = m_source.find('}', m_at);
        const auto begin = m_at + 3;
        if (peek(2) != '{' || end == std::string_view::npos || end <= begin || end - begin > 2 ||
            !std::all_of(m_source.begin() + static_cast<std::ptrdiff_t>(begin),
                         m_source.begin() + static_cast<std::ptrdiff_t>(end), isAlnum))
            return refuse("a character property that is no general category");
        copy(end + 1 - m_at);
        return {};
    }

    Result<void> group() {
        static constexpr std::array<std::string_view, 8> kHeads = {
            "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?-i:"};
        if (peek(1) == '*')
            return refuse("a verb");
        if (peek(1) != '?') {
            copy(1);
            return {};
        }
        for (const auto head : kHeads)
            if (m_source.substr(m_at, head.size()) == head) {
                copy(head.size());
                return {};
            }
        return refuse("a group of unknown kind");
    }

    // {n}, {n,}, {n,m}. A plus sign after it is possessive in PCRE2 and a second repeat in Ruby.
    Result<void> repeat() {
        const auto end = m_source.find('}', m_at);
        if (end == std::string_view::npos || !isDigit(peek(1)))
            return refuse("a brace that is no repeat");
        const auto inner = m_source.substr(m_at + 1, end - m_at - 1);
        const bool plain = std::all_of(inner.begin(), inner.end(), [](char c) { return isDigit(c) || c == ','; }) &&
                           std::count(inner.begin(), inner.end(), ',') <= 1;
        if (!plain || peek(end + 1 - m_at) == '+')
            return refuse("a repeat of unknown kind");
        copy(end + 1 - m_at);
        return {};
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    bool m_inClass = false;
    std::string m_result;
};

} // namespace

Result<std::string> translatePattern(std::string_view oniguruma) {
    return Translator(oniguruma).run();
}

std::string literalPattern(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80 && !isAlnum(c))
            pattern.push_back('\\');
        pattern.push_back(c);
    }
    return pattern;
}

} // namespace bathy::tokenizer
