#include "engine/tokenizer/python_strings.h"

#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <cctype>

namespace bathy::tokenizer {
namespace {

class Scanner {
public:
    explicit Scanner(std::string_view source) : m_source(source) {}

    std::vector<std::string> run() {
        while (m_at < m_source.size()) {
            const char c = m_source[m_at];
            if (c == '#')
                skipComment();
            else if (c == '"' || c == '\'')
                readLiteral(/*isRaw=*/false);
            else if (isNameCharacter(c))
                readName();
            else {
                m_joins = m_joins && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '+' || c == '\\');
                ++m_at;
            }
        }
        return std::move(m_literals);
    }

private:
    static bool isNameCharacter(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    }

    void skipComment() { m_at = std::min(m_source.find('\n', m_at), m_source.size()); }

    // A name, or the prefix of a literal: r, u, b, f and their pairs.
    void readName() {
        const auto begin = m_at;
        while (m_at < m_source.size() && isNameCharacter(m_source[m_at]))
            ++m_at;
        const auto name = m_source.substr(begin, m_at - begin);
        const bool isPrefix = name.size() <= 2 && name.find_first_not_of("rRuUbBfF") == std::string_view::npos &&
                              m_at < m_source.size() && (m_source[m_at] == '"' || m_source[m_at] == '\'');
        if (isPrefix)
            readLiteral(name.find_first_of("rR") != std::string_view::npos);
        else
            m_joins = false;
    }

    void readLiteral(bool isRaw) {
        const char quote = m_source[m_at];
        const bool triple = m_source.substr(m_at, 3) == std::string(3, quote);
        m_at += triple ? 3 : 1;
        std::string text;
        while (m_at < m_source.size()) {
            const char c = m_source[m_at];
            if (c == quote && (!triple || m_source.substr(m_at, 3) == std::string(3, quote))) {
                m_at += triple ? 3 : 1;
                break;
            }
            if (c == '\n' && !triple)
                break; // an unclosed literal ends with its line
            if (c == '\\' && m_at + 1 < m_source.size())
                readEscape(isRaw, text);
            else {
                text.push_back(c);
                ++m_at;
            }
        }
        if (m_joins)
            m_literals.back() += text;
        else
            m_literals.push_back(std::move(text));
        m_joins = true;
    }

    void readEscape(bool isRaw, std::string& text) {
        const char c = m_source[m_at + 1];
        static constexpr std::string_view kFrom = "nrtabfv\\'\"";
        static constexpr std::string_view kTo = "\n\r\t\a\b\f\v\\'\"";
        m_at += 2;
        if (isRaw)
            text.append({'\\', c});
        else if (const auto i = kFrom.find(c); i != std::string_view::npos)
            text.push_back(kTo[i]);
        else if (c == 'x' || c == 'u' || c == 'U')
            readHex(c == 'x' ? 2 : c == 'u' ? 4 : 8, c, text);
        else if (c != '\n') // a line that goes on leaves nothing
            text.append({'\\', c});
    }

    void readHex(std::size_t digits, char kind, std::string& text) {
        const auto hex = m_source.substr(m_at, digits);
        const bool whole = hex.size() == digits && std::all_of(hex.begin(), hex.end(), [](char c) {
                               return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                           });
        const unsigned long value = whole ? std::stoul(std::string(hex), nullptr, 16) : 0x110000;
        if (value > 0x10FFFF) {
            text.append({'\\', kind});
            return;
        }
        utf8Append(text, static_cast<char32_t>(value));
        m_at += digits;
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    bool m_joins = false; // nothing but white space, comments and + since the last literal
    std::vector<std::string> m_literals;
};

} // namespace

std::vector<std::string> pythonStrings(std::string_view source) {
    return Scanner(source).run();
}

} // namespace bathy::tokenizer
