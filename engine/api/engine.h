// The front door. One engine owns one engine thread, at most one loaded model and any number of sessions on it.
// Commands go in by value, events come out by value; nothing else is shared. Nothing here throws.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/base/result.h"

#include <chrono>
#include <memory>
#include <vector>

namespace bathy::api {

class Engine {
public:
    static Result<std::unique_ptr<Engine>> create();
    ~Engine(); // stops what runs, joins the engine thread
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Any thread. Never blocks on the work itself. Cancel is seen by running work within 300 ms.
    void post(Command command);

    // One consumer thread. Waits until there are events or the time is over, then appends them in order.
    // Control events, tokens and text are never lost; routing and spans may be dropped when the consumer is slow, and
    // are then counted in DropEvent. Returns false when the engine has shut down and nothing is left.
    bool waitEvents(std::vector<Event>& out, std::chrono::milliseconds timeout);

private:
    struct Impl;
    explicit Engine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace bathy::api
