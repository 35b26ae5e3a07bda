// What running a template may cost: templates come with models, and models from anywhere.
#pragma once

#include "engine/base/result.h"

#include <chrono>
#include <cstdint>

namespace bathy::tokenizer::jinja {

struct Limits {
    std::int64_t steps = 10'000'000;     // expressions, statements, and 16 bytes of text each count one
    std::int64_t outputBytes = 16 << 20; // also of each string on the way
    std::chrono::milliseconds time{2'000};
    int depth = 300; // expressions and blocks inside of each other while running
};

class Budget {
public:
    explicit Budget(const Limits& limits) : m_limits(limits), m_end(std::chrono::steady_clock::now() + limits.time) {}

    const Limits& limits() const { return m_limits; }
    // Errors: BadFile, with what was too much.
    Result<void> spend(std::int64_t steps = 1);
    // A text of so many bytes is made.
    Result<void> produce(std::size_t bytes);

private:
    Limits m_limits;
    std::chrono::steady_clock::time_point m_end;
    std::int64_t m_steps = 0;
    std::int64_t m_lookedAt = 0;
};

Error runError(const std::string& problem);

} // namespace bathy::tokenizer::jinja
