// A fixed set of worker threads for data-parallel loops. The calling thread takes part. Idle workers sleep.
// parallelFor may be called from one thread at a time (the engine thread); nested calls run inline.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace bathy {

class ThreadPool {
public:
    // `threads` counts the caller: 1 means no worker at all; 0 means one thread per physical core.
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int threadCount() const;

    // Calls body(begin, end, worker) over disjoint ranges that cover [0, count); worker is in [0, threadCount()).
    // Ranges are cut so that each holds at least `grain` items. Returns when all are done. The cut depends only on
    // count, grain and threadCount(), never on timing, so that results are reproducible.
    void parallelFor(std::size_t count, std::size_t grain,
                     const std::function<void(std::size_t begin, std::size_t end, int worker)>& body);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

// Physical cores this process may run on, at least 1.
int physicalCoreCount();

} // namespace bathy
