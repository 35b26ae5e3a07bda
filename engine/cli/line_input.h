// Lines from stdin that can be waited for and given up. Main thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

namespace bathy::cli {

class LineInput {
public:
    // The next line without its end; nothing at the end of the input or when `stop` was asked.
    std::optional<std::string> next(const std::stop_token& stop);

private:
    std::string m_pending;
    bool m_ended = false;
};

// True when a person types.
bool stdinIsTerminal();

} // namespace bathy::cli
