// An engine loop over the fake model, driven from the test's thread.
#pragma once

#include "engine/runtime/engine_loop.h"
#include "tests/support/fake_model.h"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace bathy::runtime {

class LoopFixture : public testing::Test {
protected:
    using Events = std::vector<api::Event>;

    void start(test::FakeModelOptions options, std::optional<tokenizer::Tokenizer> tokenizer = std::nullopt) {
        m_model = std::make_shared<test::FakeModel>(options);
        auto shared = std::make_shared<std::optional<tokenizer::Tokenizer>>(std::move(tokenizer));
        m_loop =
            std::make_unique<EngineLoop>([this, shared](const api::ModelOptions& what, const LoadProgress& progress,
                                                        const std::stop_token& stop) -> Result<LoadedModel> {
                for (int i = 0; what.path == "slow"; ++i) {
                    if (stop.stop_requested())
                        return cancelled();
                    progress(static_cast<std::uint64_t>(i), 1000);
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                }
                LoadedModel loaded;
                loaded.model = m_model;
                loaded.tokenizer = std::move(*shared);
                loaded.endTokens = m_endTokens;
                loaded.card.family = "fake";
                loaded.clock = [model = m_model] { return model->clockNs(); };
                loaded.planMemory = [](const api::PlanMemory& command) -> Result<api::MemoryPlan> {
                    api::MemoryPlan plan;
                    plan.request = command.request;
                    for (const auto context : command.contexts) {
                        if (context > 4096)
                            return Error(ErrorCode::BadArgument, "too long");
                        plan.plans.emplace_back().context = context;
                        plan.plans.back().kv[telemetry::KvPart::Window] = static_cast<std::uint64_t>(context) * 16;
                    }
                    return plan;
                };
                return loaded;
            });
        m_thread = std::thread([this] { m_loop->run(); });
        m_loop->post(api::LoadModel{api::RequestId{1}, {}});
        m_loop->post(api::OpenSession{api::RequestId{2}, SessionId{1}, {}});
        until<api::SessionOpened>();
    }

    void TearDown() override {
        if (!m_thread.joinable())
            return;
        m_loop->post(api::Shutdown{});
        m_thread.join();
    }

    static api::Generate greedy(std::uint64_t id, std::vector<TokenId> prompt, std::int64_t maxTokens,
                                SessionId session = SessionId{1}) {
        api::Generate command;
        command.request = api::RequestId{100 + id};
        command.generation = GenerationId{id};
        command.session = session;
        command.prompt = api::TokenPrompt{std::move(prompt)};
        command.sampling.temperature = 0;
        command.sampling.maxTokens = maxTokens;
        return command;
    }

    // Collects events until one of this kind that fits has come, and returns it. All stay in m_events.
    template <class E>
    E until(const std::function<bool(const E&)>& fits = [](const E&) { return true; }) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        for (;;) {
            for (; m_seen < m_events.size(); ++m_seen)
                if (const auto* event = std::get_if<E>(&m_events[m_seen]); event && fits(*event)) {
                    ++m_seen;
                    return *event;
                }
            if (std::chrono::steady_clock::now() > deadline) {
                ADD_FAILURE() << "the event did not come";
                return {};
            }
            m_loop->events().wait(m_events, std::chrono::milliseconds(50));
        }
    }

    template <class R>
    std::vector<R> records() const {
        std::vector<R> found;
        for (const auto& event : m_events)
            if (const auto* batch = std::get_if<api::Records>(&event))
                for (const auto& record : batch->records)
                    if (const auto* one = std::get_if<R>(&record))
                        found.push_back(*one);
        return found;
    }

    // What greedy decoding of the fake model gives.
    std::vector<TokenId> expected(std::vector<TokenId> tokens, int count, std::vector<ExpertRef> bans = {}) const {
        std::vector<TokenId> result;
        for (int i = 0; i < count; ++i) {
            tokens.push_back(m_model->next(tokens, bans));
            result.push_back(tokens.back());
        }
        return result;
    }

    static std::vector<TokenId> tokens(int first, int count) {
        std::vector<TokenId> result;
        for (int i = 0; i < count; ++i)
            result.push_back(static_cast<TokenId>((first + i * 7) % 60));
        return result;
    }

    std::shared_ptr<test::FakeModel> m_model;
    std::vector<TokenId> m_endTokens;
    std::unique_ptr<EngineLoop> m_loop;
    std::thread m_thread;
    Events m_events;
    std::size_t m_seen = 0;
};

} // namespace bathy::runtime
