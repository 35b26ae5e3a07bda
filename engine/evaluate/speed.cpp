#include "engine/evaluate/speed.h"

#include "engine/evaluate/speed_counter.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace bathy::evaluate {
namespace {

using model::LogitsAt;

class Measurement {
public:
    Measurement(model::Model& model, const SpeedSweep& sweep, const SpeedOptions& options)
        : m_model(model), m_sweep(sweep), m_options(options), m_total(tokensOf(sweep)),
          m_logits(static_cast<std::size_t>(model.vocabularySize())) {
        for (const auto& what : casesOf(sweep))
            m_result.rows.push_back({what, {}, {}});
    }

    Result<void> run() {
        BATHY_CHECK(fill());
        for (const auto& run : runsOf(m_result.rows.size(), m_sweep.repeats)) {
            auto& row = m_result.rows[run.index];
            BATHY_TRY(auto state, stateAt(row.what.depth));
            const bool counts = run.round > 0;
            const auto began = m_options.clock();
            BATHY_CHECK(feed(*state, row.what, counts ? nullptr : &m_counter));
            const auto seconds = static_cast<double>(std::max<std::int64_t>(1, m_options.clock() - began)) * 1e-9;
            if (counts)
                row.tokensPerSecond.push_back(static_cast<double>(row.what.n) / seconds);
            else
                row.counted = m_counter.take();
        }
        return {};
    }

    SpeedResult finish(bool stopped) {
        std::erase_if(m_result.rows, [](const SpeedRow& row) { return row.tokensPerSecond.empty(); });
        m_result.stopped = stopped;
        return std::move(m_result);
    }

private:
    // One sequence as long as the deepest context, with a light checkpoint at each depth: every run starts from a copy
    // that ends there. The depths are filled once.
    Result<void> fill() {
        std::set<std::int64_t> depths(m_sweep.depths.begin(), m_sweep.depths.end());
        model::StateOptions options;
        options.rollbackSlack = 0;
        options.checkpointLimit = static_cast<int>(std::min<std::size_t>(depths.size(), 4096));
        BATHY_TRY(m_base, m_model.createState(options));
        m_result.kvFormat = m_base->kvFormat();
        for (const auto depth : depths) {
            BATHY_CHECK(feed(*m_base, {SpeedTest::Prefill, depth - m_base->length(), m_base->length()}, nullptr));
            if (depth > 0)
                m_base->keepCheckpoint();
        }
        return {};
    }

    // What no checkpoint reaches, for want of memory, is fed again.
    Result<std::unique_ptr<model::SequenceState>> stateAt(std::int64_t depth) {
        BATHY_TRY(auto state, m_base->fork(depth));
        BATHY_CHECK(feed(*state, {SpeedTest::Prefill, depth - state->length(), state->length()}, nullptr));
        return state;
    }

    Result<void> feed(model::SequenceState& state, const SpeedCase& what, SpeedCounter* counter) {
        const auto piece = what.test == SpeedTest::Decode ? 1 : m_sweep.chunk;
        const auto end = what.depth + what.n;
        for (auto at = what.depth; at < end;) {
            const auto count = std::min(piece, end - at);
            m_tokens.clear();
            for (std::int64_t i = 0; i < count; ++i)
                m_tokens.push_back(speedToken(at + i, m_model.vocabularySize()));
            const bool wantLogits = what.test == SpeedTest::Decode || at + count == end;
            BATHY_CHECK(step(state, wantLogits, counter));
            at += count;
        }
        return {};
    }

    Result<void> step(model::SequenceState& state, bool wantLogits, SpeedCounter* counter) {
        if (counter)
            counter->beginStep(state.length(), std::ssize(m_tokens), wantLogits);
        model::ForwardOptions options;
        options.logitsAt = wantLogits ? LogitsAt::Last : LogitsAt::None;
        options.logits = wantLogits ? std::span<float>(m_logits) : std::span<float>();
        options.routing = counter;
        options.streams = counter;
        options.stop = m_options.stop;
        BATHY_CHECK(m_model.forward(state, m_tokens, options));
        m_done += std::ssize(m_tokens);
        if (m_options.progress)
            m_options.progress(std::min(m_done, m_total), m_total);
        return {};
    }

    model::Model& m_model;
    const SpeedSweep& m_sweep;
    const SpeedOptions& m_options;
    const std::int64_t m_total;
    std::int64_t m_done = 0;
    std::vector<float> m_logits;
    std::vector<TokenId> m_tokens; // of the present step
    std::unique_ptr<model::SequenceState> m_base;
    SpeedCounter m_counter;
    SpeedResult m_result;
};

} // namespace

// SplitMix64 (Steele, Lea and Flood 2014).
TokenId speedToken(std::int64_t position, std::int64_t vocabulary) {
    auto z = (static_cast<std::uint64_t>(position) + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<TokenId>((z ^ (z >> 31U)) % static_cast<std::uint64_t>(vocabulary));
}

Result<SpeedResult> measureSpeed(model::Model& model, const SpeedSweep& sweep, const SpeedOptions& options) {
    BATHY_CHECK(checkSweep(sweep, model.contextLength()));
    Measurement measurement(model, sweep, options);
    const auto done = measurement.run();
    if (!done && !done.error().isCancelled())
        return done.error();
    return measurement.finish(!done);
}

double bytesPerToken(const SpeedRow& row, const model::WeightReads& weights,
                     const std::function<std::uint64_t(const model::TokenPass&)>& kvBytes) {
    const auto& counted = row.counted;
    auto bytes = weights.everyPass * counted.passes.size() + weights.logits * counted.logits;
    for (std::size_t l = 0; l < std::min(counted.expertReads.size(), weights.expert.size()); ++l)
        bytes += weights.expert[l] * counted.expertReads[l];
    for (const auto& pass : counted.passes)
        bytes += weights.everyToken * static_cast<std::uint64_t>(pass.tokens) + kvBytes(pass);
    return static_cast<double>(bytes) / static_cast<double>(row.what.n);
}

Spread spreadOf(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const auto middle = values.size() / 2;
    const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return {median, values.front(), values.back()};
}

} // namespace bathy::evaluate
