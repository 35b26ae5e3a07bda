// Shared by the model tests: a loaded rule model, and ways to run tokens through it.
#pragma once

#include "engine/model/load.h"
#include "tests/support/v4_rule_model.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace bathy::model::test {

using Logits = std::vector<float>; // [tokens, vocab]

class LoadedCase {
public:
    LoadedCase(const std::string& configJson, const bathy::test::WeightRule& rule, int threads = 2)
        : LoadedCase([&](const auto& folder) { bathy::test::writeRuleModel(folder, configJson, rule); }, threads) {}

    // `write` fills an empty folder with a checkpoint.
    explicit LoadedCase(const std::function<void(const std::filesystem::path& folder)>& write, int threads = 2)
        : m_pool(threads) {
        write(m_folder.path());
        LoadOptions options;
        options.pool = &m_pool;
        auto loaded = loadModel(m_folder.path(), options);
        if (!loaded)
            throw std::runtime_error(loaded.error().what());
        m_loaded = std::move(*loaded);
    }

    Model& model() { return *m_loaded.model; }
    const std::filesystem::path& folder() const { return m_folder.path(); }

    std::unique_ptr<SequenceState> newState(Precision precision = Precision::Exact, KvFormat format = KvFormat::Auto,
                                            int slack = 8) {
        StateOptions options;
        options.precision = precision;
        options.kvFormat = format;
        options.rollbackSlack = slack;
        auto state = model().createState(options);
        if (!state)
            throw std::runtime_error(state.error().what());
        return std::move(*state);
    }

    // Logits of all `tokens`, fed in pieces of `chunk`.
    Logits feed(SequenceState& state, std::span<const TokenId> tokens, std::size_t chunk) {
        const auto vocabulary = static_cast<std::size_t>(model().vocabularySize());
        Logits logits(tokens.size() * vocabulary);
        for (std::size_t begin = 0; begin < tokens.size(); begin += chunk) {
            const auto count = std::min(chunk, tokens.size() - begin);
            ForwardOptions options;
            options.logitsAt = LogitsAt::All;
            options.logits = std::span(logits).subspan(begin * vocabulary, count * vocabulary);
            const auto done = model().forward(state, tokens.subspan(begin, count), options);
            if (!done)
                throw std::runtime_error(done.error().what());
        }
        return logits;
    }
    Logits feed(SequenceState& state, std::span<const TokenId> tokens) { return feed(state, tokens, tokens.size()); }

private:
    bathy::test::TemporaryFolder m_folder;
    ThreadPool m_pool;
    LoadedModel m_loaded;
};

inline double largestDifference(const Logits& ours, const bathy::test::Matrix& golden) {
    double largest = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const double difference = std::fabs(static_cast<double>(ours[i]) - golden.values[i]);
        largest = std::isnan(difference) ? std::numeric_limits<double>::infinity() : std::max(largest, difference);
    }
    return largest;
}

inline std::vector<int> argmaxOf(const float* logits, std::int64_t rows, std::int64_t cols) {
    std::vector<int> result;
    for (std::int64_t t = 0; t < rows; ++t)
        result.push_back(
            static_cast<int>(std::max_element(logits + t * cols, logits + (t + 1) * cols) - (logits + t * cols)));
    return result;
}

} // namespace bathy::model::test
