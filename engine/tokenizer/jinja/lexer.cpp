#include "engine/tokenizer/jinja/lexer.h"

#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bathy::tokenizer::jinja {
namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";

bool isNameBegin(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string withPlainNewlines(std::string_view source) {
    std::string text;
    text.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            text.push_back('\n');
            i += i + 1 < source.size() && source[i + 1] == '\n';
        } else {
            text.push_back(source[i]);
        }
    }
    if (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_text(withPlainNewlines(source)) {}

    Result<std::vector<Token>> run() {
        while (m_at < m_text.size()) {
            const auto tag = nextTag();
            plain(tag);
            if (tag < m_text.size())
                BATHY_CHECK(m_text[tag + 1] == '#' ? comment() : inside());
        }
        add(TokenKind::End, {});
        return std::move(m_tokens);
    }

private:
    void add(TokenKind kind, std::string text) { m_tokens.push_back({kind, std::move(text), m_line}); }
    void advance(std::size_t to) {
        m_line += static_cast<int>(std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_at),
                                              m_text.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
        m_at = to;
    }

    std::size_t nextTag() const {
        for (auto at = m_text.find('{', m_at); at != std::string::npos; at = m_text.find('{', at + 1))
            if (at + 1 < m_text.size() && (m_text[at + 1] == '{' || m_text[at + 1] == '%' || m_text[at + 1] == '#'))
                return at;
        return m_text.size();
    }

    // The text before a tag, as far as tags around it leave it.
    void plain(std::size_t tag) {
        auto text = m_text.substr(m_at, tag - m_at);
        if (tag < m_text.size()) {
            const char sign = tag + 2 < m_text.size() ? m_text[tag + 2] : '\0';
            if (sign == '-')
                text.resize(text.find_last_not_of(kSpaces) + 1);
            else if (sign != '+' && m_text[tag + 1] != '{')
                withoutIndent(text);
        }
        if (!text.empty())
            add(TokenKind::Plain, text);
        advance(tag);
    }
    // Spaces between the beginning of a line and a block are not meant for the output.
    void withoutIndent(std::string& text) const {
        const auto last = text.find_last_not_of(" \t");
        if (last == std::string::npos ? m_at == 0 || m_text[m_at - 1] == '\n' : text[last] == '\n')
            text.resize(last == std::string::npos ? 0 : last + 1);
    }

    void afterTag(bool strip, bool block) {
        if (strip)
            advance(std::min(m_text.find_first_not_of(kSpaces, m_at), m_text.size()));
        else if (block && m_at < m_text.size() && m_text[m_at] == '\n')
            advance(m_at + 1);
    }

    Result<void> comment() {
        const auto end = m_text.find("#}", m_at + 2);
        if (end == std::string::npos)
            return syntaxError(m_line, "a comment does not end");
        const char sign = end > m_at + 2 ? m_text[end - 1] : '\0';
        advance(end + 2);
        afterTag(sign == '-', sign != '+');
        return {};
    }

    Result<void> inside() {
        const bool block = m_text[m_at + 1] == '%';
        add(block ? TokenKind::BlockBegin : TokenKind::PrintBegin, {});
        const int line = m_line;
        advance(m_at + 2);
        if (m_at < m_text.size() && (m_text[m_at] == '-' || m_text[m_at] == '+'))
            ++m_at;
        int open = 0;
        for (;;) {
            advance(std::min(m_text.find_first_not_of(kSpaces, m_at), m_text.size()));
            if (m_at >= m_text.size())
                return syntaxError(line, "a tag does not end");
            if (open == 0 && ends(block))
                return {};
            BATHY_CHECK(token(open));
        }
    }
    bool ends(bool block) {
        const std::string_view rest = std::string_view(m_text).substr(m_at);
        const std::string_view end = block ? "%}" : "}}";
        const bool strips = rest.starts_with('-') && rest.substr(1).starts_with(end);
        const bool keeps = block && rest.starts_with('+') && rest.substr(1).starts_with(end);
        if (!strips && !keeps && !rest.starts_with(end))
            return false;
        add(block ? TokenKind::BlockEnd : TokenKind::PrintEnd, {});
        m_at += end.size() + (strips || keeps ? 1 : 0);
        afterTag(strips, block && !keeps);
        return true;
    }

    Result<void> token(int& open) {
        const char c = m_text[m_at];
        if (isNameBegin(c))
            return name();
        if (isDigit(c))
            return number();
        if (c == '"' || c == '\'')
            return string(c);
        constexpr std::string_view kTwo[] = {"==", "!=", "<=", ">=", "//", "**"};
        const auto rest = std::string_view(m_text).substr(m_at);
        for (const auto sign : kTwo)
            if (rest.starts_with(sign)) {
                add(TokenKind::Sign, std::string(sign));
                m_at += 2;
                return {};
            }
        if (std::string_view("+-*/%~<>=()[]{},.:|").find(c) == std::string_view::npos)
            return syntaxError(m_line,
                               std::string("the character ") + (c > ' ' && c < 127 ? c : '?') + " is not expected");
        open += c == '{' || c == '(' || c == '[' ? 1 : c == '}' || c == ')' || c == ']' ? -1 : 0;
        if (open < 0)
            return syntaxError(m_line, std::string("a ") + c + " closes nothing");
        add(TokenKind::Sign, std::string(1, c));
        ++m_at;
        return {};
    }
    Result<void> name() {
        auto end = m_at;
        while (end < m_text.size() && (isNameBegin(m_text[end]) || isDigit(m_text[end])))
            ++end;
        add(TokenKind::Name, m_text.substr(m_at, end - m_at));
        m_at = end;
        return {};
    }
    Result<void> number() {
        auto end = m_at;
        while (end < m_text.size() && (isDigit(m_text[end]) || m_text[end] == '_'))
            ++end;
        bool real = false;
        if (end + 1 < m_text.size() && m_text[end] == '.' && isDigit(m_text[end + 1])) {
            real = true;
            for (++end; end < m_text.size() && isDigit(m_text[end]);)
                ++end;
        }
        auto digits = m_text.substr(m_at, end - m_at);
        std::erase(digits, '_');
        std::int64_t whole = 0;
        if (!real && std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec != std::errc())
            return syntaxError(m_line, "a number is too large");
        add(real ? TokenKind::Real : TokenKind::Integer, std::move(digits));
        m_at = end;
        return {};
    }

    Result<void> string(char quote) {
        const int line = m_line;
        std::string text;
        auto at = m_at + 1;
        for (; at < m_text.size() && m_text[at] != quote; ++at) {
            if (m_text[at] != '\\' || at + 1 >= m_text.size())
                text.push_back(m_text[at]);
            else
                at = escape(at + 1, text);
        }
        if (at >= m_text.size())
            return syntaxError(line, "a string does not end");
        advance(at + 1);
        m_tokens.push_back({TokenKind::String, std::move(text), line});
        return {};
    }
    // `at` is behind the backslash; gives the last byte that belongs to it.
    std::size_t escape(std::size_t at, std::string& text) const {
        constexpr std::string_view kLetters = "ntrbfv\\'\"";
        constexpr std::string_view kMeanings = "\n\t\r\b\f\v\\'\"";
        if (const auto known = kLetters.find(m_text[at]); known != std::string_view::npos) {
            text.push_back(kMeanings[known]);
            return at;
        }
        const std::size_t digits = m_text[at] == 'x' ? 2 : m_text[at] == 'u' ? 4 : m_text[at] == 'U' ? 8 : 0;
        std::uint32_t code = 0;
        const char* const begin = m_text.data() + at + 1;
        if (digits > 0 && at + digits < m_text.size() &&
            std::from_chars(begin, begin + digits, code, 16).ptr == begin + digits && code < 0x11'0000 &&
            (code < 0xD800 || code > 0xDFFF)) {
            utf8Append(text, code);
            return at + digits;
        }
        if (m_text[at] != '\n') { // a backslash at the end of a line joins it with the next
            text.push_back('\\');
            text.push_back(m_text[at]);
        }
        return at;
    }

    std::string m_text;
    std::size_t m_at = 0;
    int m_line = 1;
    std::vector<Token> m_tokens;
};

} // namespace

Error syntaxError(int line, const std::string& problem) {
    return Error(ErrorCode::BadFile, "the chat template, line " + std::to_string(line) + ": " + problem,
                 "the text of a prompt can be given without it");
}

Result<std::vector<Token>> tokens(std::string_view source) {
    return Lexer(source).run();
}

} // namespace bathy::tokenizer::jinja
