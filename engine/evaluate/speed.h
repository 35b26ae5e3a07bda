// How fast a model takes in a prompt and makes tokens, at several depths of context. One thread: the one that owns the
// model. What a run reads is counted while it warms up, so that the counting costs the measured runs nothing.
#pragma once

#include "engine/evaluate/speed_sweep.h"
#include "engine/model/model.h"
#include "engine/model/reads.h"
#include "engine/telemetry/clock.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace bathy::evaluate {

struct SpeedOptions {
    std::function<std::int64_t()> clock = telemetry::nowNs;              // ns
    std::function<void(std::int64_t done, std::int64_t total)> progress; // tokens computed; may be empty
    std::stop_token stop;                                                // seen within 300 ms
};

// What one run of a case went through, as the model reported it.
struct CountedRun {
    std::vector<model::TokenPass> passes;
    std::vector<std::uint64_t> expertReads; // by layer: different routed experts, summed over the passes
    std::uint64_t logits = 0;               // passes that gave logits

    bool operator==(const CountedRun&) const = default;
};

struct SpeedRow {
    SpeedCase what;
    std::vector<double> tokensPerSecond; // of each counted run, in the order they were made
    CountedRun counted;
};

struct SpeedResult {
    std::vector<SpeedRow> rows; // cases with at least one counted run, in the order of casesOf()
    KvFormat kvFormat{};        // how rows of memory were stored
    bool stopped = false;       // by the stop token: the rows hold what was measured until then
};

// The token at a position: the same in every run, spread over the whole vocabulary.
TokenId speedToken(std::int64_t position, std::int64_t vocabulary);

// Errors: those of checkSweep, Model::createState, SequenceState::fork and Model::forward except Cancelled.
Result<SpeedResult> measureSpeed(model::Model& model, const SpeedSweep& sweep, const SpeedOptions& options);

// Bytes read for one token of the run, on average.
double bytesPerToken(const SpeedRow& row, const model::WeightReads& weights,
                     const std::function<std::uint64_t(const model::TokenPass&)>& kvBytes);

// Of values in any order, at least one.
struct Spread {
    double median = 0; // the mean of the two in the middle where their number is even
    double min = 0;
    double max = 0;
};
Spread spreadOf(std::vector<double> values);

} // namespace bathy::evaluate
