#include "engine/runtime/event_queue.h"

#include <utility>

namespace bathy::runtime {

namespace {
// A batch is one message later on; wire frames hold up to 65,536 records.
constexpr std::size_t kRecordsPerBatch = 4096;
} // namespace

void EventQueue::post(api::Event event) {
    {
        const std::lock_guard lock(m_mutex);
        m_published = m_ring.written();
        m_events.push_back({m_published, std::move(event)});
    }
    m_ready.notify_one();
}

void EventQueue::publish() {
    {
        const std::lock_guard lock(m_mutex);
        const auto written = m_ring.written();
        if (m_published == written)
            return;
        m_published = written;
    }
    m_ready.notify_one();
}

void EventQueue::close() {
    {
        const std::lock_guard lock(m_mutex);
        m_published = m_ring.written();
        m_closed = true;
    }
    m_ready.notify_one();
}

void EventQueue::takeRecords(std::uint64_t end, std::vector<api::Event>& out) {
    while (m_ring.read() < end) {
        api::Records batch;
        m_ring.popUntil(end, kRecordsPerBatch, batch.records);
        out.emplace_back(std::move(batch));
    }
}

bool EventQueue::wait(std::vector<api::Event>& out, std::chrono::milliseconds timeout) {
    std::deque<Entry> events;
    std::uint64_t published = 0;
    bool closed = false;
    {
        std::unique_lock lock(m_mutex);
        m_ready.wait_for(lock, timeout,
                         [this] { return m_closed || !m_events.empty() || m_published > m_ring.read(); });
        events.swap(m_events);
        published = m_published;
        closed = m_closed;
    }
    for (auto& entry : events) {
        takeRecords(entry.afterRecord, out);
        out.push_back(std::move(entry.event));
    }
    takeRecords(published, out);
    return !closed || !events.empty() || !out.empty();
}

} // namespace bathy::runtime
