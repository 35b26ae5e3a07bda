#include "engine/checkpoint/json_cursor.h"

namespace bathy::checkpoint {
namespace {

void appendUtf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

bool JsonCursor::fail(const char* what) {
    if (m_problem.empty())
        m_problem = std::string(what) + " at byte " + std::to_string(m_at);
    return false;
}

void JsonCursor::skipSpace() {
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
            return;
        ++m_at;
    }
}

char JsonCursor::peek() {
    skipSpace();
    return m_at < m_text.size() && !failed() ? m_text[m_at] : '\0';
}

bool JsonCursor::consume(char expected, const char* what) {
    if (peek() != expected)
        return fail(what);
    ++m_at;
    return true;
}

bool JsonCursor::open(char bracket, const char* what) {
    if (!consume(bracket, what))
        return false;
    if (m_depth == kMaxDepth)
        return fail("nested deeper than 8");
    m_first[static_cast<std::size_t>(++m_depth)] = true;
    return true;
}

bool JsonCursor::next(char close, const char* what) {
    if (failed())
        return false;
    auto& first = m_first[static_cast<std::size_t>(m_depth)];
    const char c = peek();
    if (c == close) {
        ++m_at;
        --m_depth;
        return false;
    }
    if (first) {
        first = false;
        return true;
    }
    return consume(',', what);
}

bool JsonCursor::beginObject() {
    return open('{', "expected an object");
}

bool JsonCursor::beginArray() {
    return open('[', "expected a list");
}

bool JsonCursor::nextElement() {
    return next(']', "expected ',' or ']'");
}

bool JsonCursor::nextMember(std::string_view& key) {
    return next('}', "expected ',' or '}'") && string(key) && consume(':', "expected ':'");
}

bool JsonCursor::string(std::string_view& value) {
    if (!consume('"', "expected a text in quotes"))
        return false;
    const std::size_t start = m_at;
    std::size_t copied = start; // what lies before is in m_unescaped, once there was an escape
    bool escaped = false;
    while (m_at < m_text.size()) {
        const auto c = static_cast<unsigned char>(m_text[m_at]);
        if (c == '"') {
            value = m_text.substr(copied, m_at - copied);
            ++m_at;
            if (escaped)
                value = m_unescaped.append(value);
            return true;
        }
        if (c == '\\') {
            if (!escaped)
                m_unescaped.clear();
            escaped = true;
            m_unescaped.append(m_text.substr(copied, m_at - copied));
            if (!escape())
                return false;
            copied = m_at;
        } else if (c < 0x20) {
            return fail("control character in a text");
        } else if (c >= 0x80) {
            if (!utf8Sequence())
                return false;
        } else {
            ++m_at;
        }
    }
    return fail("text without closing quote");
}

bool JsonCursor::escape() {
    ++m_at;
    const char c = m_at < m_text.size() ? m_text[m_at] : '\0';
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const auto found = kFrom.find(c); c != '\0' && found != std::string_view::npos) {
        m_unescaped.push_back(kTo[found]);
        ++m_at;
        return true;
    }
    if (c != 'u')
        return fail("unknown escape in a text");
    ++m_at;
    std::uint32_t code = 0;
    if (!hex4(code))
        return false;
    if (code >= 0xD800 && code < 0xDC00) {
        std::uint32_t low = 0;
        if (m_text.substr(m_at, 2) != "\\u")
            return fail("half a surrogate pair in a text");
        m_at += 2;
        if (!hex4(low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail("half a surrogate pair in a text");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail("half a surrogate pair in a text");
    }
    appendUtf8(m_unescaped, code);
    return true;
}

bool JsonCursor::hex4(std::uint32_t& value) {
    value = 0;
    for (int i = 0; i < 4; ++i, ++m_at) {
        const char c = m_at < m_text.size() ? m_text[m_at] : '\0';
        std::uint32_t digit = 0;
        if (isDigit(c))
            digit = static_cast<std::uint32_t>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<std::uint32_t>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            digit = static_cast<std::uint32_t>(c - 'A' + 10);
        else
            return fail("expected four hexadecimal digits");
        value = value << 4 | digit;
    }
    return true;
}

bool JsonCursor::utf8Sequence() {
    const auto byte = [&](std::size_t offset) {
        return m_at + offset < m_text.size() ? static_cast<unsigned char>(m_text[m_at + offset]) : 0U;
    };
    const auto continues = [&](std::size_t offset) { return (byte(offset) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0);
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    else
        return fail("invalid UTF-8");
    for (std::size_t i = 1; i < length; ++i)
        if (!continues(i))
            return fail("invalid UTF-8");
    // Overlong forms, surrogates and code points past U+10FFFF hide in the second byte.
    const unsigned second = byte(1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F))
        return fail("invalid UTF-8");
    m_at += length;
    return true;
}

bool JsonCursor::unsignedInteger(std::uint64_t& value) {
    const char first = peek();
    if (first == '-')
        return fail("expected a number that is not negative");
    if (!isDigit(first))
        return fail("expected a whole number");
    if (first == '0' && m_at + 1 < m_text.size() && isDigit(m_text[m_at + 1]))
        return fail("number with a leading zero");
    value = 0;
    constexpr std::uint64_t kMax = ~std::uint64_t{0} >> 1;
    for (; m_at < m_text.size() && isDigit(m_text[m_at]); ++m_at) {
        const auto digit = static_cast<std::uint64_t>(m_text[m_at] - '0');
        if (value > (kMax - digit) / 10)
            return fail("number larger than 2^63 - 1");
        value = value * 10 + digit;
    }
    const char after = m_at < m_text.size() ? m_text[m_at] : '\0';
    if (after == '.' || after == 'e' || after == 'E')
        return fail("expected a whole number");
    return true;
}

bool JsonCursor::skipNumber() {
    const auto at = [&] { return m_at < m_text.size() ? m_text[m_at] : '\0'; };
    const auto digits = [&] {
        const std::size_t start = m_at;
        while (isDigit(at()))
            ++m_at;
        return m_at > start;
    };
    if (at() == '-')
        ++m_at;
    const bool zero = at() == '0';
    const std::size_t start = m_at;
    if (!digits() || (zero && m_at - start > 1))
        return fail("malformed number");
    if (at() == '.') {
        ++m_at;
        if (!digits())
            return fail("malformed number");
    }
    if (at() == 'e' || at() == 'E') {
        ++m_at;
        if (at() == '+' || at() == '-')
            ++m_at;
        if (!digits())
            return fail("malformed number");
    }
    return true;
}

bool JsonCursor::skipWord(std::string_view word) {
    if (m_text.substr(m_at, word.size()) != word)
        return fail("expected a value");
    m_at += word.size();
    return true;
}

bool JsonCursor::skipValue() {
    std::string_view text;
    switch (peek()) {
    case '{':
        if (!beginObject())
            return false;
        while (nextMember(text))
            if (!skipValue())
                return false;
        return !failed();
    case '[':
        if (!beginArray())
            return false;
        while (nextElement())
            if (!skipValue())
                return false;
        return !failed();
    case '"':
        return string(text);
    case 't':
        return skipWord("true");
    case 'f':
        return skipWord("false");
    case 'n':
        return skipWord("null");
    default:
        return skipNumber();
    }
}

bool JsonCursor::finish() {
    skipSpace();
    return !failed() && (m_at == m_text.size() || fail("trailing text"));
}

} // namespace bathy::checkpoint
