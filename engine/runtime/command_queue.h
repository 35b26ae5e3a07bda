// The way into the engine. Any thread posts; the engine thread takes. What can be stopped gets a stop source when it is
// posted, so that a Cancel reaches it wherever it is: waiting in the queue, in a step, or inside a load.
#pragma once

#include "engine/api/commands.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>

namespace bathy::runtime {

struct PendingCommand {
    api::Command command;
    std::stop_token stop; // of this request
};

class CommandQueue {
public:
    // Any thread.
    void post(api::Command command);

    // Engine thread. The next command; waits for one only when `wait` says so.
    enum class Wait : std::uint8_t { No, Yes };
    std::optional<PendingCommand> take(Wait wait);
    // Engine thread. The request is over; a Cancel for it does nothing any more.
    void finished(api::RequestId request);
    // Engine thread. A token that stops a step when any command arrives that must not wait for the step's end.
    std::stop_token beginStep();

private:
    std::mutex m_mutex;
    std::condition_variable m_ready;
    std::deque<PendingCommand> m_commands;
    std::map<std::uint64_t, std::stop_source> m_running; // by request
    std::stop_source m_step;
    bool m_interrupted = false; // asked to stop before the step began
};

} // namespace bathy::runtime
