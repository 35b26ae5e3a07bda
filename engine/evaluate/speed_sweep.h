// Which speeds are measured and in what order. Pure.
#pragma once

#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bathy::evaluate {

enum class SpeedTest : std::uint8_t {
    Prefill, // n tokens after `depth` others, in pieces of a chunk; logits of the last one
    Decode,  // n tokens after `depth` others, one by one; logits of each
};
std::string_view speedTestName(SpeedTest test); // "prefill", "decode"

struct SpeedCase {
    SpeedTest test{};
    std::int64_t n = 0;
    std::int64_t depth = 0;
    bool operator==(const SpeedCase&) const = default;
};

// Every length at every depth.
struct SpeedSweep {
    std::vector<std::int64_t> prefill{512};
    std::vector<std::int64_t> decode{64};
    std::vector<std::int64_t> depths{0};
    int repeats = 5;          // runs of each case that count
    std::int64_t chunk = 512; // tokens of a prefill step
};

// One run of a case. Round 0 warms up and does not count.
struct SpeedRun {
    int round = 0;
    std::size_t index = 0; // into casesOf()
    bool operator==(const SpeedRun&) const = default;
};

// By depth, prefill first, short before long; each once.
std::vector<SpeedCase> casesOf(const SpeedSweep& sweep);
// All cases once a round, every other round backwards, so that a machine that grows slower or faster meanwhile does so
// to all of them alike.
std::vector<SpeedRun> runsOf(std::size_t cases, int repeats);
// Tokens computed for all of it: every run and, once, the deepest context.
std::int64_t tokensOf(const SpeedSweep& sweep);

// Errors: BadArgument (nothing to measure, a number below 1, a depth below 0, more tokens than the model's context).
Result<void> checkSweep(const SpeedSweep& sweep, std::int64_t contextLength);

} // namespace bathy::evaluate
