// The host's two ends of the byte stream: stdin and stdout of this process, raw. Reading and writing may be used from
// two different threads, one each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>

namespace bathy::cli {

class StdioLink {
public:
    // Takes stdout for itself: what anything else in this process prints there goes to stderr from now on.
    StdioLink();
    ~StdioLink();
    StdioLink(const StdioLink&) = delete;
    StdioLink& operator=(const StdioLink&) = delete;

    // Blocks until there are bytes. 0: the other side has closed, or `stop` was asked. Nothing: the system failed.
    std::optional<std::size_t> read(std::span<std::uint8_t> buffer, const std::stop_token& stop);
    // Writes all of it, waiting as long as the other side does not take it. False: it is gone, or `stop` was asked.
    bool write(std::span<const std::uint8_t> bytes, const std::stop_token& stop);

private:
    int m_in;
    int m_out;
};

} // namespace bathy::cli
