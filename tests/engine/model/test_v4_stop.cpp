// How soon a step of a model with large matrices ends when it is asked to. One layer with the matrices of V4-Flash (a
// fourth of its heads, few experts), in the stored dtypes; one step takes seconds.
#include "engine/model/load.h"
#include "engine/model/synth/write.h"
#include "tests/support/v4_rule_model.h"

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace bathy::model::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

synth::Preset largeLayer() {
    const auto preset = synth::makePreset("v4-flash", {1, std::nullopt}).value();
    auto config = nlohmann::json::parse(preset.configJson);
    config["vocab_size"] = 1024;
    config["num_attention_heads"] = 16;
    config["compress_ratios"] = {4, 0};
    config["n_routed_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    config["num_nextn_predict_layers"] = 0;
    return synth::presetOf(config.dump(), synth::Weights::Published).value();
}

class LargeLayer : public testing::Test {
protected:
    LargeLayer() {
        synth::WriteOptions write;
        write.pool = &pool;
        const auto made = synth::writeCheckpoint(largeLayer(), folder.path() / "model", write);
        if (!made)
            throw std::runtime_error(made.error().what());
        LoadOptions options;
        options.pool = &pool;
        loaded = loadModel(folder.path() / "model", options).value();
    }

    // Milliseconds from the request to the end of a step of `count` tokens that was asked to stop after `delay`. Less
    // than zero: the step was over by then.
    double stopLatency(std::size_t count, std::chrono::milliseconds delay) {
        const auto state = std::move(*loaded.model->createState({}));
        const auto tokens = bathy::test::ruleTokens(static_cast<std::int64_t>(count), 1024);
        std::stop_source source;
        ForwardOptions options;
        options.logitsAt = LogitsAt::None;
        options.stop = source.get_token();
        Clock::time_point asked;
        std::jthread asker([&] {
            std::this_thread::sleep_for(delay);
            asked = Clock::now();
            source.request_stop();
        });
        const auto done = loaded.model->forward(*state, tokens, options);
        const auto ended = Clock::now();
        asker.join();
        if (done)
            return -1;
        EXPECT_TRUE(done.error().isCancelled());
        EXPECT_EQ(state->length(), 0);
        return Milliseconds(ended - asked).count();
    }

    bathy::test::TemporaryFolder folder;
    ThreadPool pool{2};
    LoadedModel loaded;
};

TEST_F(LargeLayer, Stop_endsAStepWithin300msWhereverItIs) {
    double worst = 0;
    for (const auto delay : {0ms, 20ms, 60ms, 150ms, 300ms, 600ms, 1000ms, 1500ms}) {
        // Other programs may hold the processor for a while: the best of three says what this one does.
        double best = 1e9;
        for (int i = 0; i < 3 && best >= 100; ++i)
            best = std::min(best, stopLatency(512, delay));
        EXPECT_LT(best, 300) << "after " << delay.count() << " ms";
        worst = std::max(worst, best);
    }
    RecordProperty("worst_milliseconds", std::to_string(worst));
}

TEST_F(LargeLayer, StopBeforeTheStep_costsNextToNothing) {
    std::stop_source source;
    source.request_stop();
    ForwardOptions options;
    options.logitsAt = LogitsAt::None;
    options.stop = source.get_token();
    const auto state = std::move(*loaded.model->createState({}));
    const auto began = Clock::now();
    const auto done = loaded.model->forward(*state, bathy::test::ruleTokens(512, 1024), options);
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().isCancelled());
    EXPECT_LT(Milliseconds(Clock::now() - began).count(), 300);
}

} // namespace
} // namespace bathy::model::test
