#include "engine/cli/stdio_link.h"

#include <algorithm>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#else
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <unistd.h>
#endif

namespace bathy::cli {

#ifdef _WIN32

namespace {
constexpr std::size_t kLargestWrite = 1U << 20;
}

StdioLink::StdioLink() : m_in(_fileno(stdin)), m_out(_dup(_fileno(stdout))) {
    _setmode(m_in, _O_BINARY);
    _setmode(m_out, _O_BINARY);
    _dup2(_fileno(stderr), _fileno(stdout));
}

StdioLink::~StdioLink() {
    _close(m_out);
}

std::optional<std::size_t> StdioLink::read(std::span<std::uint8_t> buffer, const std::stop_token& stop) {
    if (stop.stop_requested())
        return 0;
    const int got = _read(m_in, buffer.data(), static_cast<unsigned>(buffer.size()));
    if (got < 0)
        return std::nullopt;
    return static_cast<std::size_t>(got);
}

bool StdioLink::write(std::span<const std::uint8_t> bytes, const std::stop_token& stop) {
    while (!bytes.empty() && !stop.stop_requested()) {
        const auto count = static_cast<unsigned>(std::min(bytes.size(), kLargestWrite));
        const int written = _write(m_out, bytes.data(), count);
        if (written <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return bytes.empty();
}

#else

namespace {

constexpr int kPollMs = 50; // how soon a stop is noticed
// A pipe that poll() calls writable takes at least this much without blocking (POSIX: PIPE_BUF).
constexpr std::size_t kSureWrite = 4096;

// False when stopped or gone.
bool waitFor(int file, short events, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd entry{file, events, 0};
        const int ready = poll(&entry, 1, kPollMs);
        if (ready > 0)
            return (entry.revents & (events | POLLHUP)) != 0 && (events != POLLOUT || !(entry.revents & POLLERR));
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return false;
}

} // namespace

StdioLink::StdioLink() : m_in(STDIN_FILENO), m_out(dup(STDOUT_FILENO)) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    std::signal(SIGPIPE, SIG_IGN); // a reader that is gone is an answer of write(), not the end of the process
}

StdioLink::~StdioLink() {
    close(m_out);
}

std::optional<std::size_t> StdioLink::read(std::span<std::uint8_t> buffer, const std::stop_token& stop) {
    for (;;) {
        if (!waitFor(m_in, POLLIN, stop))
            return 0;
        const auto got = ::read(m_in, buffer.data(), buffer.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR && errno != EAGAIN)
            return std::nullopt;
    }
}

bool StdioLink::write(std::span<const std::uint8_t> bytes, const std::stop_token& stop) {
    while (!bytes.empty()) {
        if (!waitFor(m_out, POLLOUT, stop))
            return false;
        const auto written = ::write(m_out, bytes.data(), std::min(bytes.size(), kSureWrite));
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    return true;
}

#endif

} // namespace bathy::cli
