// Recording must not change one bit of one logit.
#include "engine/runtime/event_queue.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/recorder.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>

namespace bathy::runtime {
namespace {

struct Run {
    std::vector<TokenId> tokens;
    std::vector<std::vector<float>> logits; // of every step
};

Run decode(model::Model& model, Recorder* recorder, int steps) {
    auto state = model.createState({}).value();
    std::vector<TokenId> next;
    for (int i = 0; i < 150; ++i) // beyond the window, into compressed entries
        next.push_back(static_cast<TokenId>((i * 37 + 11) % model.vocabularySize()));
    Run run;
    for (int step = 0; step < steps; ++step) {
        std::vector<float> logits(static_cast<std::size_t>(model.vocabularySize()));
        model::ForwardOptions options;
        options.logits = logits;
        if (recorder != nullptr) {
            recorder->beginStep(GenerationId{1}, next);
            options.routing = recorder->routingSink();
            options.spans = recorder->spanSink();
        }
        const auto done = model.forward(*state, next, options);
        EXPECT_TRUE(done.has_value()) << done.error().what();
        if (recorder != nullptr) {
            recorder->kv(state->memory());
            recorder->endStep(0);
        }
        next = {static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin())};
        run.tokens.push_back(next.front());
        run.logits.push_back(std::move(logits));
    }
    return run;
}

TEST(Recording, OnOffAndOverflowing_giveTheSameLogitsBitForBit) {
    const auto loaded = loadModelFromDisk({BATHY_SOURCE_DIR "/resources/checkpoints/nano", "cpu", 0}, {}, {});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
    constexpr int kSteps = 60;
    const auto silent = decode(*loaded->model, nullptr, kSteps);
    for (const std::size_t ring : {std::size_t{1} << 23U, std::size_t{1} << 12U}) { // the second one overflows at once
        EventQueue queue(ring);
        Recorder recorder(queue);
        const auto recorded = decode(*loaded->model, &recorder, kSteps);
        EXPECT_EQ(recorded.tokens, silent.tokens);
        for (int step = 0; step < kSteps; ++step) {
            const auto& a = silent.logits[static_cast<std::size_t>(step)];
            const auto& b = recorded.logits[static_cast<std::size_t>(step)];
            ASSERT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0) << "step " << step;
        }
        queue.publish(); // as the step runner does
        std::vector<api::Event> events;
        queue.wait(events, std::chrono::milliseconds(0));
        EXPECT_FALSE(events.empty());
    }
}

} // namespace
} // namespace bathy::runtime
