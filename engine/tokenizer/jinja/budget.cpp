#include "engine/tokenizer/jinja/budget.h"

#include <string>

namespace bathy::tokenizer::jinja {

Error runError(const std::string& problem) {
    return Error(ErrorCode::BadFile, "the chat template: " + problem, "the text of a prompt can be given without it");
}

Result<void> Budget::spend(std::int64_t steps) {
    constexpr std::int64_t kBetweenLooks = 4096;
    m_steps += steps;
    if (m_steps > m_limits.steps)
        return runError("it takes more than " + std::to_string(m_limits.steps) + " steps");
    if (m_steps - m_lookedAt < kBetweenLooks)
        return {};
    m_lookedAt = m_steps;
    if (std::chrono::steady_clock::now() > m_end)
        return runError("it takes longer than " + std::to_string(m_limits.time.count()) + " ms");
    return {};
}

Result<void> Budget::produce(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(m_limits.outputBytes))
        return runError("a text has more than " + std::to_string(m_limits.outputBytes) + " bytes");
    return spend(static_cast<std::int64_t>(bytes / 16));
}

} // namespace bathy::tokenizer::jinja
