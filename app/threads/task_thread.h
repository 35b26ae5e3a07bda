// A thread that does what it is given, one after another, in the order of the calls.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bathy::threads {

class TaskThread {
public:
    TaskThread();
    ~TaskThread(); // all that was given is done first
    TaskThread(const TaskThread&) = delete;
    TaskThread& operator=(const TaskThread&) = delete;

    // Any thread.
    void post(std::function<void()> task);
    // Any other thread: waits until this and all given before it are done.
    void run(const std::function<void()>& task);

private:
    void work();

    std::mutex m_mutex;
    std::condition_variable m_given;
    std::vector<std::function<void()>> m_waiting;
    bool m_ending = false;
    std::thread m_thread; // last: starts when the rest stands
};

} // namespace bathy::threads
