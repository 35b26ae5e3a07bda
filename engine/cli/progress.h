// A progress bar with rate and time left, drawn on stderr when that is a terminal and --quiet is not given. Main
// thread.
#pragma once

#include "engine/cli/io.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace bathy::cli {

enum class ProgressUnit : std::uint8_t { Bytes, Tokens, Items };

class Progress {
public:
    Progress(const Io& io, std::string label, ProgressUnit unit);
    ~Progress(); // removes the bar
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Cheap enough to call at every step: draws ten times a second at most. total 0: unknown.
    void update(std::uint64_t done, std::uint64_t total);

private:
    using Clock = std::chrono::steady_clock;

    std::string m_label;
    ProgressUnit m_unit;
    bool m_visible;
    bool m_drawn = false;
    Clock::time_point m_start = Clock::now();
    Clock::time_point m_last{};
};

// The line itself, without control characters: "hashing  42% ########------------  1.20 GB/s  0:07 left".
std::string progressText(const std::string& label, ProgressUnit unit, std::uint64_t done, std::uint64_t total,
                         double seconds);

} // namespace bathy::cli
