// The front door over the engine loop: one thread, two queues.
#include "engine/api/engine.h"

#include "engine/runtime/engine_loop.h"

#include <system_error>
#include <thread>
#include <utility>

namespace bathy::api {

struct Engine::Impl {
    runtime::EngineLoop loop{runtime::loadModelFromDisk};
    std::thread thread;
};

Engine::Engine(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

Engine::~Engine() {
    post(Shutdown{});
    m_impl->thread.join();
}

Result<std::unique_ptr<Engine>> Engine::create() {
    auto impl = std::make_unique<Impl>();
    try {
        impl->thread = std::thread([loop = &impl->loop] { loop->run(); });
    } catch (const std::system_error& error) {
        return Error(ErrorCode::Io, std::string("the system gives no thread to the engine: ") + error.what());
    }
    return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

void Engine::post(Command command) {
    m_impl->loop.post(std::move(command));
}

bool Engine::waitEvents(std::vector<Event>& out, std::chrono::milliseconds timeout) {
    return m_impl->loop.events().wait(out, timeout);
}

} // namespace bathy::api
