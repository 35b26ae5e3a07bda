// What recording costs: the same answer generated again and again with all events on and with none, in pairs, through
// the whole engine with a consumer that packs every event into frames as the host does. Prints the ratio of each pair.
// usage: recording_cost [CHECKPOINT [PAIRS [TOKENS]]]
#include "engine/api/engine.h"
#include "engine/wire/wire.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace bathy;

class Session {
public:
    explicit Session(const std::string& path) : m_engine(api::Engine::create().value()) {
        m_engine->post(api::LoadModel{api::RequestId{1}, {path, "cpu", 0}});
        m_engine->post(api::OpenSession{api::RequestId{2}, SessionId{1}, {}});
        until<api::SessionOpened>();
    }

    // Seconds per decoded token.
    double run(bool recording, std::int64_t tokens) {
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
        m_engine->post(command);
        const auto finished = until<api::GenerationFinished>();
        return finished.decodeSeconds / static_cast<double>(std::max<std::int64_t>(1, finished.generatedTokens - 1));
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

} // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 1 ? argv[1] : "bundled";
    const int pairs = argc > 2 ? std::atoi(argv[2]) : 15;
    const std::int64_t tokens = argc > 3 ? std::atoll(argv[3]) : 200;
    Session session(path);
    session.run(true, tokens); // warm caches and the memory pool
    std::vector<double> ratios;
    for (int pair = 0; pair < pairs; ++pair) {
        const bool onFirst = pair % 2 == 0; // so that drift of the machine cancels
        const double first = session.run(onFirst, tokens);
        const double second = session.run(!onFirst, tokens);
        const double on = onFirst ? first : second;
        const double off = onFirst ? second : first;
        ratios.push_back(on / off);
        std::printf("pair %2d  off %8.1f us/token  on %8.1f us/token  ratio %.4f\n", pair + 1, off * 1e6, on * 1e6,
                    on / off);
    }
    std::sort(ratios.begin(), ratios.end());
    const auto at = [&](double share) {
        return ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))];
    };
    std::printf("cost of recording: median %+.2f %%, quartiles %+.2f %% to %+.2f %%, %zu bytes of frames\n",
                (at(0.5) - 1) * 100, (at(0.25) - 1) * 100, (at(0.75) - 1) * 100, session.frameBytes());
    return 0;
}
