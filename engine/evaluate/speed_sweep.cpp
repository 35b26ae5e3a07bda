#include "engine/evaluate/speed_sweep.h"

#include <algorithm>
#include <string>

namespace bathy::evaluate {
namespace {

std::vector<std::int64_t> ascending(std::vector<std::int64_t> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

bool allAtLeast(const std::vector<std::int64_t>& values, std::int64_t least) {
    return std::all_of(values.begin(), values.end(), [&](std::int64_t value) { return value >= least; });
}

} // namespace

std::string_view speedTestName(SpeedTest test) {
    return test == SpeedTest::Prefill ? "prefill" : "decode";
}

std::vector<SpeedCase> casesOf(const SpeedSweep& sweep) {
    std::vector<SpeedCase> cases;
    for (const auto depth : ascending(sweep.depths)) {
        for (const auto n : ascending(sweep.prefill))
            cases.push_back({SpeedTest::Prefill, n, depth});
        for (const auto n : ascending(sweep.decode))
            cases.push_back({SpeedTest::Decode, n, depth});
    }
    return cases;
}

std::vector<SpeedRun> runsOf(std::size_t cases, int repeats) {
    std::vector<SpeedRun> runs;
    for (int round = 0; round <= repeats; ++round)
        for (std::size_t i = 0; i < cases; ++i)
            runs.push_back({round, round % 2 == 0 ? i : cases - 1 - i});
    return runs;
}

std::int64_t tokensOf(const SpeedSweep& sweep) {
    std::int64_t tokens = 0;
    std::int64_t deepest = 0;
    for (const auto& what : casesOf(sweep)) {
        tokens += what.n * (sweep.repeats + 1);
        deepest = std::max(deepest, what.depth);
    }
    return tokens + deepest;
}

Result<void> checkSweep(const SpeedSweep& sweep, std::int64_t contextLength) {
    const auto cases = casesOf(sweep);
    if (cases.empty())
        return Error(ErrorCode::BadArgument, "there is nothing to measure",
                     "give a prompt length (--pp) or an answer length (--tg), and a depth");
    if (!allAtLeast(sweep.prefill, 1) || !allAtLeast(sweep.decode, 1) || sweep.repeats < 1 || sweep.chunk < 1)
        return Error(ErrorCode::BadArgument, "lengths, repeats and the chunk must be at least 1");
    if (!allAtLeast(sweep.depths, 0))
        return Error(ErrorCode::BadArgument, "a depth must be at least 0");
    for (const auto& what : cases)
        if (what.n > contextLength || what.depth > contextLength - what.n)
            return Error(ErrorCode::BadArgument,
                         std::to_string(what.n) + " tokens at depth " + std::to_string(what.depth) +
                             " do not fit in the model's context of " + std::to_string(contextLength),
                         "use a smaller depth or a shorter length");
    return {};
}

} // namespace bathy::evaluate
