#include "engine/runtime/command_queue.h"

#include <type_traits>
#include <utility>
#include <vector>

namespace bathy::runtime {

namespace {

using namespace api;

template <class C>
constexpr bool kStoppable =
    std::is_same_v<C, LoadModel> || std::is_same_v<C, Generate> || std::is_same_v<C, EncodePrompt> ||
    std::is_same_v<C, Probe> || std::is_same_v<C, PlanMemory> || std::is_same_v<C, SaveSnapshot> ||
    std::is_same_v<C, RestoreSession> || std::is_same_v<C, VerifySnapshot>;

// These end what runs, in order: whoever waits for a load or an answer that nobody wants any more?
template <class C>
constexpr bool kEndsEverything =
    std::is_same_v<C, LoadModel> || std::is_same_v<C, UnloadModel> || std::is_same_v<C, Shutdown>;

} // namespace

void CommandQueue::post(Command command) {
    // Stop callbacks run inside request_stop, so nothing of ours is locked then.
    std::vector<std::stop_source> toStop;
    {
        const std::lock_guard lock(m_mutex);
        const auto own = std::visit(
            [&](const auto& c) {
                using C = std::decay_t<decltype(c)>;
                if constexpr (kEndsEverything<C>)
                    for (const auto& [request, source] : m_running)
                        toStop.push_back(source);
                if constexpr (std::is_same_v<C, Cancel>) {
                    const auto found = m_running.find(static_cast<std::uint64_t>(c.target));
                    if (found != m_running.end())
                        toStop.push_back(found->second);
                }
                if (!toStop.empty() || std::is_same_v<C, CloseSession>) {
                    toStop.push_back(m_step);
                    m_interrupted = true;
                }
                std::stop_source created(std::nostopstate);
                if constexpr (kStoppable<C>) {
                    created = std::stop_source();
                    m_running.insert_or_assign(static_cast<std::uint64_t>(c.request), created);
                }
                return created;
            },
            command);
        m_commands.push_back({std::move(command), own.get_token()});
    }
    for (auto& source : toStop)
        source.request_stop();
    m_ready.notify_one();
}

std::optional<PendingCommand> CommandQueue::take(Wait wait) {
    std::unique_lock lock(m_mutex);
    if (wait == Wait::Yes)
        m_ready.wait(lock, [this] { return !m_commands.empty(); });
    if (m_commands.empty())
        return std::nullopt;
    auto command = std::move(m_commands.front());
    m_commands.pop_front();
    return command;
}

void CommandQueue::finished(RequestId request) {
    const std::lock_guard lock(m_mutex);
    m_running.erase(static_cast<std::uint64_t>(request));
}

std::stop_token CommandQueue::beginStep() {
    const std::lock_guard lock(m_mutex);
    m_step = std::stop_source();
    if (std::exchange(m_interrupted, false) && !m_commands.empty())
        m_step.request_stop();
    return m_step.get_token();
}

} // namespace bathy::runtime
