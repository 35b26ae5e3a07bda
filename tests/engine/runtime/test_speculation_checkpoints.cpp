// Guessing on real engines: the same tokens as one step at a time, over thousands of them.
#include "engine/runtime/engine_loop.h"
#include "tests/support/v4_rule_model.h"

#include <gtest/gtest.h>
#include <thread>

namespace bathy::runtime {
namespace {

#ifdef BATHY_SANITIZED
constexpr std::int64_t kShare = 10; // every step costs some fifty times as much, and a race shows in the first few
#else
constexpr std::int64_t kShare = 1;
#endif

// An engine over the checkpoint of a folder, whose answers do not end by themselves.
class EndlessEngine {
public:
    explicit EndlessEngine(const std::filesystem::path& folder, Precision precision)
        : m_loop([](const api::ModelOptions& options, const LoadProgress& progress,
                    const std::stop_token& stop) -> Result<LoadedModel> {
              auto loaded = loadModelFromDisk(options, progress, stop);
              if (loaded)
                  loaded->endTokens.clear();
              return loaded;
          }),
          m_thread([this] { m_loop.run(); }) {
        m_loop.post(api::LoadModel{api::RequestId{1}, {folder.string(), "cpu", 0}});
        api::SessionOptions session;
        session.precision = precision;
        m_loop.post(api::OpenSession{api::RequestId{2}, SessionId{1}, session});
        until<api::SessionOpened>();
    }
    ~EndlessEngine() {
        m_loop.post(api::Shutdown{});
        m_thread.join();
    }
    EndlessEngine(const EndlessEngine&) = delete;
    EndlessEngine& operator=(const EndlessEngine&) = delete;

    api::GenerationFinished run(api::Prompt prompt, std::int64_t tokens, float temperature, int speculate) {
        api::Generate command;
        command.request = api::RequestId{++m_last};
        command.session = SessionId{1};
        command.generation = GenerationId{m_last};
        command.prompt = std::move(prompt);
        command.sampling.temperature = temperature;
        command.sampling.seed = 5;
        command.sampling.maxTokens = tokens;
        command.speculate = speculate;
        m_loop.post(command);
        return until<api::GenerationFinished>();
    }

private:
    template <class E>
    E until() {
        std::vector<api::Event> events;
        while (m_loop.events().wait(events, std::chrono::milliseconds(100))) {
            for (const auto& event : events) {
                if (const auto* failed = std::get_if<api::Failed>(&event)) {
                    ADD_FAILURE() << failed->error.what();
                    return {};
                }
                if (const auto* found = std::get_if<E>(&event))
                    return *found;
            }
            events.clear();
        }
        ADD_FAILURE() << "the engine ended";
        return {};
    }

    EngineLoop m_loop;
    std::thread m_thread;
    std::uint64_t m_last = 10;
};

void expectSameTokens(EndlessEngine& engine, const api::Prompt& prompt, std::int64_t tokens, float temperature) {
    const auto plain = engine.run(prompt, tokens, temperature, api::kSpeculateOff);
    ASSERT_EQ(plain.generatedTokens, tokens);
    for (const int speculate : {1, 3, api::kSpeculateAuto}) {
        const auto with = engine.run(prompt, tokens, temperature, speculate);
        EXPECT_EQ(with.tokens, plain.tokens) << speculate << " guesses at temperature " << temperature;
        if (speculate > 0) { // auto may know already that it does not pay
            EXPECT_GT(with.speculation.guessed, 0) << speculate;
        }
        testing::Test::RecordProperty("right_of_" + std::to_string(speculate) + "_at_" + std::to_string(temperature),
                                      std::to_string(with.speculation.right) + "/" +
                                          std::to_string(with.speculation.guessed));
    }
}

TEST(SpeculationOnCheckpoints, Bundled_givesTheSame2000Tokens) {
    EndlessEngine engine(BATHY_SOURCE_DIR "/resources/checkpoints/nano", Precision::Fast);
    const auto prompt = api::ChatPrompt{{{"user", "Tell me a story about a boat.", "", {}}}, {}};
    expectSameTokens(engine, prompt, 2000 / kShare, 0);
    expectSameTokens(engine, prompt, 300 / kShare, 0.8F);
}

TEST(SpeculationOnCheckpoints, RandomModels_giveTheSameTokens) {
    for (const char* name : {"v4_tiny/t6", "v4_tiny/t6b"}) {
        for (const auto precision : {Precision::Exact, Precision::Fast}) {
            const auto golden = test::readGoldenCase(name);
            test::TemporaryFolder folder;
            test::writeRuleModel(folder.path(), golden.configJson, golden.rule);
            EndlessEngine engine(folder.path(), precision);
            expectSameTokens(engine, api::TokenPrompt{golden.tokens}, 600 / kShare, 0);
            expectSameTokens(engine, api::TokenPrompt{golden.tokens}, 300 / kShare, 0.5F);
        }
    }
}

} // namespace
} // namespace bathy::runtime
