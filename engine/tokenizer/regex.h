// One compiled PCRE2 pattern (UTF, UCP, compiled to machine code where the system allows it) and the scratch to run it
// with. The pattern is immutable; a scratch belongs to one caller.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bathy::tokenizer {

struct Match {
    std::size_t begin = 0;
    std::size_t end = 0;
};

class Regex {
public:
    // Errors: BadFile with PCRE2's own words; Unsupported when the pattern is longer than 8,192 bytes.
    static Result<Regex> compile(std::string_view pattern);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    class Scratch {
    public:
        Scratch();
        ~Scratch();
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;

    private:
        friend class Regex;
        struct Impl;
        std::unique_ptr<Impl> m_impl;
    };

    // The leftmost match at or after `from`; nothing when there is none. `text` must be valid UTF-8.
    // Errors: BadFile when the pattern needs more steps or memory than the limits: no pattern can hang us.
    Result<std::optional<Match>> find(std::string_view text, std::size_t from, Scratch& scratch) const;

private:
    struct Code;
    explicit Regex(std::unique_ptr<Code> code);
    std::unique_ptr<Code> m_code;
};

} // namespace bathy::tokenizer
