// bathy host --stdio: the front door as framed messages on stdin and stdout, for the desktop or a remote one. Ends when
// stdin closes.
#include "engine/api/engine.h"
#include "engine/cli/commands.h"
#include "engine/cli/stdio_link.h"
#include "engine/wire/wire.h"

#include <CLI/CLI.hpp>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace bathy::cli {
namespace {

using namespace std::chrono_literals;

// After stdin has closed, how long the other side may take to read what is left.
constexpr auto kFarewell = 2s;

Result<void> sendAll(StdioLink& link, const std::vector<api::Event>& events, const std::stop_token& stop) {
    wire::Bytes bytes;
    for (const auto& event : events) {
        const auto frame = wire::encode(event);
        if (!frame) {
            // Only an answer about a text of tens of megabytes can be this large: the asker is told instead.
            if (const auto* encoded = std::get_if<api::PromptEncoded>(&event)) {
                BATHY_TRY(const auto failed, wire::encode(api::Event(api::Failed{encoded->request, frame.error()})));
                bytes.insert(bytes.end(), failed.begin(), failed.end());
            }
            continue;
        }
        bytes.insert(bytes.end(), frame->begin(), frame->end());
    }
    if (!link.write(bytes, stop))
        return Error(ErrorCode::Io, "the other side of stdout is gone");
    return {};
}

// The last words of the event pump: it gets time to send them, but not forever.
struct Farewell {
    std::stop_source over;
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false; // under mutex

    void pumpEnded() {
        const std::lock_guard lock(mutex);
        done = true;
        ended.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex);
        ended.wait_for(lock, kFarewell, [this] { return done; });
        over.request_stop();
    }
};

// Its own thread: waits for events, writes them. While the other side does not read, this waits, the engine's ring
// fills, and what may be dropped is dropped there.
void pumpEvents(api::Engine& engine, StdioLink& link, const std::stop_token& stop, std::stop_source& gone) {
    std::vector<api::Event> events;
    while (engine.waitEvents(events, 100ms)) {
        if (!sendAll(link, events, stop)) {
            gone.request_stop();
            return;
        }
        events.clear();
    }
}

Result<void> takeCommands(api::Engine& engine, StdioLink& link, const std::stop_token& stop) {
    wire::CommandDecoder decoder;
    std::array<std::uint8_t, 65536> buffer{};
    for (;;) {
        const auto got = link.read(buffer, stop);
        if (!got)
            return Error(ErrorCode::Io, "stdin cannot be read");
        if (*got == 0)
            return {};
        decoder.feed(std::span(buffer).first(*got));
        for (;;) {
            BATHY_TRY(auto command, decoder.next());
            if (!command)
                break;
            const bool last = std::holds_alternative<api::Shutdown>(*command);
            engine.post(*std::move(command));
            if (last)
                return {};
        }
    }
}

Result<int> runHost(Io& io) {
    StdioLink link;
    BATHY_TRY(const auto engine, api::Engine::create());
    BATHY_TRY(const auto hello, wire::encode(wire::Hello{wire::kProtocolVersion, wire::Role::Host, BATHY_VERSION}));
    std::stop_source end; // of either direction, or Ctrl-C
    const std::stop_callback onInterrupt(io.stop(), [&] { end.request_stop(); });
    if (!link.write(hello, end.get_token()))
        return Error(ErrorCode::Io, "the other side of stdout is gone");

    Farewell farewell;
    std::jthread pump([&] {
        pumpEvents(*engine, link, farewell.over.get_token(), end);
        farewell.pumpEnded();
    });
    const auto result = takeCommands(*engine, link, end.get_token());
    engine->post(api::Shutdown{});
    farewell.wait();
    if (!result)
        return result.error();
    return 0;
}

} // namespace

void addHost(Commands& commands) {
    auto stdio = std::make_shared<bool>(false);
    auto& command = commands.add("host", "The engine for the desktop: framed messages on stdin and stdout",
                                 [stdio](Io& io) { return runHost(io); });
    command.add_flag("--stdio", *stdio, "Talk on stdin and stdout")->required();
}

} // namespace bathy::cli
