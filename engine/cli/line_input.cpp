#include "engine/cli/line_input.h"

#ifdef _WIN32
#include <io.h>
#include <iostream>
#else
#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#endif

namespace bathy::cli {

#ifdef _WIN32

std::optional<std::string> LineInput::next(const std::stop_token& stop) {
    std::string line;
    if (stop.stop_requested() || !std::getline(std::cin, line))
        return std::nullopt;
    return line;
}

bool stdinIsTerminal() {
    return _isatty(0) != 0;
}

#else

std::optional<std::string> LineInput::next(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto end = m_pending.find('\n');
        if (end != std::string::npos || (m_ended && !m_pending.empty())) {
            auto line = m_pending.substr(0, end);
            m_pending.erase(0, end == std::string::npos ? end : end + 1);
            if (!line.empty() && line.back() == '\r')
                line.pop_back();
            return line;
        }
        if (m_ended)
            return std::nullopt;
        pollfd entry{STDIN_FILENO, POLLIN, 0};
        if (poll(&entry, 1, 50) <= 0)
            continue;
        std::array<char, 4096> buffer{};
        const auto got = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got > 0)
            m_pending.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            m_ended = true;
    }
    return std::nullopt;
}

bool stdinIsTerminal() {
    return isatty(STDIN_FILENO) != 0;
}

#endif

} // namespace bathy::cli
