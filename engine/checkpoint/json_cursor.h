// A pull reader for JSON that comes from outside and may be 100 MB: walks the text once, allocates nothing but
// unescaped strings, refuses nesting deeper than kMaxDepth. Strict RFC 8259, strings checked as UTF-8. Any call returns
// false at the first problem, which problem() then describes; later calls keep returning false.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bathy::checkpoint {

class JsonCursor {
public:
    static constexpr int kMaxDepth = 8;

    explicit JsonCursor(std::string_view text) : m_text(text) {}

    bool beginObject();
    // Reads the next key and its colon; false at the closing brace (consumed) and on failure. The key lives until the
    // next call that reads a string.
    bool nextMember(std::string_view& key);
    bool beginArray();
    // True when an element follows; false at the closing bracket (consumed) and on failure.
    bool nextElement();

    bool string(std::string_view& value);       // lives until the next call that reads a string
    bool unsignedInteger(std::uint64_t& value); // 0 to 2^63 - 1, no sign, fraction or exponent
    bool skipValue();
    bool finish(); // nothing but white space may follow

    char peek(); // first character of the next value; 0 at the end
    bool failed() const { return !m_problem.empty(); }
    const std::string& problem() const { return m_problem; } // "expected ':' at byte 17"

private:
    bool fail(const char* what);
    void skipSpace();
    bool consume(char expected, const char* what);
    bool open(char bracket, const char* what);
    bool next(char close, const char* what);
    bool escape();
    bool hex4(std::uint32_t& value);
    bool utf8Sequence();
    bool skipNumber();
    bool skipWord(std::string_view word);

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_depth = 0;
    std::array<bool, kMaxDepth + 1> m_first{}; // per open bracket: nothing read yet
    std::string m_unescaped;
    std::string m_problem;
};

} // namespace bathy::checkpoint
