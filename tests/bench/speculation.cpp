// What guessing tokens ahead gains on a checkpoint, and what it costs at worst: the same answers with and without, in
// pairs through the whole engine; then the same with every guess made wrong. Prints the ratio of speeds of each pair,
// above 1 where guessing is faster; the last column is the same of processor time, for machines that are not idle.
// usage: speculation [CHECKPOINT [PAIRS [TOKENS [SPECULATE]]]]   SPECULATE: -1 auto (the default), 1 to 7 always so
// many
#include "engine/runtime/engine_loop.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace bathy;

// The real model, whose guesses can be spoilt at the full price of making them.
class Quenchable final : public model::Model {
public:
    Quenchable(std::shared_ptr<model::Model> real, const bool& quenched)
        : m_real(std::move(real)), m_quenched(quenched) {}

    std::string_view family() const override { return m_real->family(); }
    std::int64_t vocabularySize() const override { return m_real->vocabularySize(); }
    std::int64_t contextLength() const override { return m_real->contextLength(); }
    int layerCount() const override { return m_real->layerCount(); }
    int expertsPerToken() const override { return m_real->expertsPerToken(); }
    int expertCount() const override { return m_real->expertCount(); }
    Result<std::unique_ptr<model::SequenceState>> createState(const model::StateOptions& options) override {
        return m_real->createState(options);
    }
    Result<void> forward(model::SequenceState& state, std::span<const TokenId> tokens,
                         const model::ForwardOptions& options) override {
        return m_real->forward(state, tokens, options);
    }
    bool drafts() const override { return m_real->drafts(); }
    Result<void> draft(model::SequenceState& state, TokenId token, const model::DraftOptions& options) override {
        BATHY_CHECK(m_real->draft(state, token, options));
        if (m_quenched)
            std::transform(options.logits.begin(), options.logits.end(), options.logits.begin(),
                           [](float logit) { return -logit; });
        return {};
    }
    std::uint64_t weightBytes() const override { return m_real->weightBytes(); }
    std::uint64_t weightBytesTouched() const override { return m_real->weightBytesTouched(); }
    std::uint64_t scratchBytes() const override { return m_real->scratchBytes(); }
    std::uint64_t scratchBytesFor(int chunk, std::int64_t tokens) const override {
        return m_real->scratchBytesFor(chunk, tokens);
    }

private:
    std::shared_ptr<model::Model> m_real;
    const bool& m_quenched;
};

class Bench {
public:
    explicit Bench(const std::string& path)
        : m_loop([this](const api::ModelOptions& options, const runtime::LoadProgress& progress,
                        const std::stop_token& stop) -> Result<runtime::LoadedModel> {
              auto loaded = runtime::loadModelFromDisk(options, progress, stop);
              if (loaded) {
                  loaded->model = std::make_shared<Quenchable>(loaded->model, m_quenched);
                  loaded->endTokens.clear(); // answers of one length
              }
              return loaded;
          }),
          m_thread([this] { m_loop.run(); }) {
        m_loop.post(api::LoadModel{api::RequestId{1}, {path, "cpu", 0}});
        until<api::ModelLoaded>();
        m_loop.post(api::SetRecording{api::RequestId{2}, false, false});
    }
    ~Bench() {
        m_loop.post(api::Shutdown{});
        m_thread.join();
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    // A fresh session, so that each has to find out by itself what guessing is worth.
    api::GenerationFinished run(const std::string& prompt, float temperature, std::int64_t tokens, int speculate,
                                bool quenched) {
        m_quenched = quenched; // read by the engine thread after the command that follows
        const SessionId session{++m_last};
        m_loop.post(api::OpenSession{api::RequestId{++m_last}, session, {}});
        api::Generate command;
        command.request = api::RequestId{++m_last};
        command.generation = GenerationId{m_last};
        command.session = session;
        command.prompt = api::ChatPrompt{{{"user", prompt, "", {}}}, {}};
        command.sampling.temperature = temperature;
        command.sampling.seed = 7;
        command.sampling.maxTokens = tokens;
        command.speculate = speculate;
        m_loop.post(command);
        const auto finished = until<api::GenerationFinished>();
        m_loop.post(api::CloseSession{api::RequestId{++m_last}, session});
        until<api::SessionClosed>();
        return finished;
    }

private:
    template <class E>
    E until() {
        std::vector<api::Event> events;
        while (m_loop.events().wait(events, std::chrono::milliseconds(100))) {
            for (const auto& event : events) {
                if (const auto* failed = std::get_if<api::Failed>(&event)) {
                    std::fprintf(stderr, "%s\n", failed->error.what().c_str());
                    std::exit(1);
                }
                if (const auto* found = std::get_if<E>(&event))
                    return *found;
            }
            events.clear();
        }
        std::exit(1);
    }

    bool m_quenched = false;
    runtime::EngineLoop m_loop;
    std::thread m_thread;
    std::uint64_t m_last = 10;
};

double secondsPerToken(const api::GenerationFinished& finished) {
    return finished.decodeSeconds / static_cast<double>(std::max<std::int64_t>(1, finished.generatedTokens - 1));
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Case {
    const char* name;
    const char* prompt;
    float temperature;
};

constexpr Case kCases[] = {
    {"story", "Tell me a story about a boat.", 0},
    {"copy", "Repeat this line ten times: the blue door opens at noon", 0},
    {"sum", "What is 347 + 586? Think step by step.", 0},
    {"story, sampled", "Tell me a story about a boat.", 0.7F},
};

} // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 1 ? argv[1] : "bundled";
    const int pairs = argc > 2 ? std::atoi(argv[2]) : 7;
    const std::int64_t tokens = argc > 3 ? std::atoll(argv[3]) : 400;
    const int speculate = argc > 4 ? std::atoi(argv[4]) : api::kSpeculateAuto;
    Bench bench(path);
    bench.run(kCases[0].prompt, 0, tokens, api::kSpeculateOff, false); // warm caches and the memory pool
    for (const bool quenched : {false, true}) {
        std::printf("%s\n", quenched ? "every guess made wrong:" : "as it is:");
        for (const auto& what : kCases) {
            std::vector<double> ratios;
            std::vector<double> plainTimes;
            double plainClock = 0;
            double withClock = 0;
            api::Speculation speculation;
            for (int pair = 0; pair < pairs; ++pair) {
                const bool plainFirst = pair % 2 == 0; // so that drift of the machine cancels
                const auto once = [&](bool plain) {
                    const auto before = std::clock();
                    auto finished = bench.run(what.prompt, what.temperature, tokens,
                                              plain ? api::kSpeculateOff : speculate, quenched);
                    (plain ? plainClock : withClock) += static_cast<double>(std::clock() - before);
                    return finished;
                };
                const auto first = once(plainFirst);
                const auto second = once(!plainFirst);
                const auto& plain = plainFirst ? first : second;
                const auto& with = plainFirst ? second : first;
                if (plain.tokens != with.tokens) {
                    std::fprintf(stderr, "the tokens differ\n");
                    return 1;
                }
                ratios.push_back(secondsPerToken(plain) / secondsPerToken(with));
                plainTimes.push_back(secondsPerToken(plain));
                speculation = with.speculation;
            }
            std::printf(
                "  %-16s plain %7.1f us/token  speed %.3f of plain (%.3f to %.3f)  %lld of %lld right  cpu %.3f\n",
                what.name, median(plainTimes) * 1e6, median(ratios), *std::min_element(ratios.begin(), ratios.end()),
                *std::max_element(ratios.begin(), ratios.end()), static_cast<long long>(speculation.right),
                static_cast<long long>(speculation.guessed), plainClock / withClock);
        }
    }
    return 0;
}
