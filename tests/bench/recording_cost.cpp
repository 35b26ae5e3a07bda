// What recording costs: the same answer generated again and again with all events on and with none, in pairs, through
// the whole engine with a consumer that packs every event into frames as the host does. Prints the ratios of each pair:
// of the time a decoded token takes, and of the processor time that the whole process spends on it, which other
// programs disturb less.
// usage: recording_cost [CHECKPOINT [PAIRS [TOKENS]]]
#include "engine/api/engine.h"
#include "engine/wire/wire.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace {

using namespace bathy;

// Of one decoded token; the prompt's share of the processor time is in it.
struct Cost {
    double seconds = 0;
    double processorSeconds = 0;
};

double processorSeconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Session {
public:
    explicit Session(const std::string& path) : m_engine(api::Engine::create().value()) {
        m_engine->post(api::LoadModel{api::RequestId{1}, {path, "cpu", 0}});
        m_engine->post(api::OpenSession{api::RequestId{2}, SessionId{1}, {}});
        until<api::SessionOpened>();
    }

    Cost run(bool recording, std::int64_t tokens) {
        m_engine->post(api::SetRecording{api::RequestId{3}, recording, recording});
        api::Generate command;
        command.request = api::RequestId{++m_last};
        command.generation = GenerationId{m_last};
        command.session = SessionId{1};
        std::vector<TokenId> prompt;
        for (int i = 0; i < 64; ++i)
            prompt.push_back(static_cast<TokenId>(100 + i));
        command.prompt = api::TokenPrompt{prompt};
        command.sampling.seed = 7;
        command.sampling.maxTokens = tokens;
        const auto began = processorSeconds();
        m_engine->post(command);
        const auto finished = until<api::GenerationFinished>();
        const auto steps = static_cast<double>(std::max<std::int64_t>(1, finished.generatedTokens - 1));
        return {finished.decodeSeconds / steps, (processorSeconds() - began) / steps};
    }

    std::size_t frameBytes() const { return m_frameBytes; }

private:
    template <class E>
    E until() {
        std::vector<api::Event> events;
        while (m_engine->waitEvents(events, std::chrono::milliseconds(100))) {
            std::optional<E> found;
            for (const auto& event : events) {
                m_frameBytes += wire::encode(event)->size();
                if (const auto* failed = std::get_if<api::Failed>(&event)) {
                    std::fprintf(stderr, "%s\n", failed->error.what().c_str());
                    std::exit(1);
                }
                if (const auto* one = std::get_if<E>(&event))
                    found = *one;
            }
            if (found)
                return *found;
            events.clear();
        }
        std::exit(1);
    }

    std::unique_ptr<api::Engine> m_engine;
    std::uint64_t m_last = 10;
    std::size_t m_frameBytes = 0;
};

void report(const char* what, std::vector<double> ratios) {
    std::sort(ratios.begin(), ratios.end());
    const auto at = [&](double share) {
        return (ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))] - 1) * 100;
    };
    std::printf("cost of recording, %s: median %+.2f %%, quartiles %+.2f %% to %+.2f %%\n", what, at(0.5), at(0.25),
                at(0.75));
}

} // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 1 ? argv[1] : "bundled";
    const int pairs = argc > 2 ? std::atoi(argv[2]) : 15;
    const std::int64_t tokens = argc > 3 ? std::atoll(argv[3]) : 200;
    Session session(path);
    session.run(true, tokens); // warm caches and the memory pool
    std::vector<double> ratios;
    std::vector<double> processorRatios;
    for (int pair = 0; pair < pairs; ++pair) {
        const bool onFirst = pair % 2 == 0; // so that drift of the machine cancels
        const auto first = session.run(onFirst, tokens);
        const auto second = session.run(!onFirst, tokens);
        const auto& on = onFirst ? first : second;
        const auto& off = onFirst ? second : first;
        ratios.push_back(on.seconds / off.seconds);
        processorRatios.push_back(on.processorSeconds / off.processorSeconds);
        std::printf("pair %2d  off %8.1f us/token  on %8.1f us/token  ratio %.4f  processor %8.1f / %8.1f us  %.4f\n",
                    pair + 1, off.seconds * 1e6, on.seconds * 1e6, ratios.back(), off.processorSeconds * 1e6,
                    on.processorSeconds * 1e6, processorRatios.back());
    }
    report("time", ratios);
    report("processor time", processorRatios);
    std::printf("%zu bytes of frames\n", session.frameBytes());
    return 0;
}
