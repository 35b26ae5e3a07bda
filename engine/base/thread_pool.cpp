#include "engine/base/thread_pool.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace bathy {

struct ThreadPool::State {
    using Body = std::function<void(std::size_t, std::size_t, int)>;

    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable done;
    std::vector<std::thread> workers;
    const Body* body = nullptr;
    std::size_t count = 0;
    std::size_t parts = 0;
    std::size_t pending = 0;
    std::uint64_t round = 0;
    bool running = false;
    bool stop = false;

    void runPart(std::size_t part) const {
        const auto begin = count * part / parts;
        const auto end = count * (part + 1) / parts;
        if (begin < end)
            (*body)(begin, end, static_cast<int>(part));
    }

    void work(std::size_t part) {
        std::uint64_t seen = 0;
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [&] { return stop || round != seen; });
            if (stop)
                return;
            seen = round;
            if (part >= parts)
                continue;
            lock.unlock();
            runPart(part);
            lock.lock();
            if (--pending == 0)
                done.notify_one();
        }
    }
};

ThreadPool::ThreadPool(int threads) : m_state(std::make_unique<State>()) {
    const int total = threads > 0 ? threads : physicalCoreCount();
    for (int part = 1; part < total; ++part)
        m_state->workers.emplace_back([state = m_state.get(), part] { state->work(static_cast<std::size_t>(part)); });
}

ThreadPool::~ThreadPool() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stop = true;
    }
    m_state->wake.notify_all();
    for (auto& worker : m_state->workers)
        worker.join();
}

int ThreadPool::threadCount() const {
    return static_cast<int>(m_state->workers.size()) + 1;
}

void ThreadPool::parallelFor(std::size_t count, std::size_t grain,
                             const std::function<void(std::size_t, std::size_t, int)>& body) {
    if (count == 0)
        return;
    const auto wanted = std::max<std::size_t>(1, count / std::max<std::size_t>(1, grain));
    const auto parts = std::min<std::size_t>(wanted, static_cast<std::size_t>(threadCount()));
    if (parts == 1 || m_state->running) {
        body(0, count, 0);
        return;
    }
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->body = &body;
        m_state->count = count;
        m_state->parts = parts;
        m_state->pending = parts - 1;
        m_state->running = true;
        ++m_state->round;
    }
    m_state->wake.notify_all();
    m_state->runPart(0);
    std::unique_lock lock(m_state->mutex);
    m_state->done.wait(lock, [&] { return m_state->pending == 0; });
    m_state->running = false;
}

int physicalCoreCount() {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

} // namespace bathy
