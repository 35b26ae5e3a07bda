#include "app/threads/task_thread.h"

#include <utility>

namespace bathy::threads {

TaskThread::TaskThread() : m_thread([this] { work(); }) {}

TaskThread::~TaskThread() {
    {
        const std::scoped_lock lock(m_mutex);
        m_ending = true;
    }
    m_given.notify_one();
    m_thread.join();
}

void TaskThread::post(std::function<void()> task) {
    {
        const std::scoped_lock lock(m_mutex);
        m_waiting.push_back(std::move(task));
    }
    m_given.notify_one();
}

void TaskThread::run(const std::function<void()>& task) {
    std::mutex mutex;
    std::condition_variable finished;
    bool done = false;
    post([&] {
        task();
        const std::scoped_lock lock(mutex);
        done = true;
        finished.notify_one(); // under the lock: what it tells lives on the caller's stack
    });
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done; });
}

void TaskThread::work() {
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_given.wait(lock, [this] { return m_ending || !m_waiting.empty(); });
        if (m_waiting.empty())
            return;
        auto tasks = std::exchange(m_waiting, {});
        lock.unlock();
        for (const auto& task : tasks)
            task();
        tasks.clear(); // what they hold goes on this thread too
        lock.lock();
    }
}

} // namespace bathy::threads
