// The way out of the engine: control events in a locked queue, telemetry records in a lock-free ring, one order for
// both. Written by the engine thread, read by one consumer thread.
#pragma once

#include "engine/api/events.h"
#include "engine/telemetry/record_ring.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace bathy::runtime {

class EventQueue {
public:
    explicit EventQueue(std::size_t ringBytes) : m_ring(ringBytes) {}

    // ---- engine thread ----

    // Comes out after every record that was written before it.
    void post(api::Event event);

    // Never lost: what finds the ring full goes through the locked queue.
    template <class Record>
    void recordReliably(const Record& record) {
        if (!m_ring.push(record, telemetry::Delivery::Reliable))
            post(api::Records{{record}});
    }
    // False: dropped. The caller counts.
    template <class Record>
    bool recordIfRoom(const Record& record) {
        return m_ring.push(record, telemetry::Delivery::Droppable);
    }
    // Lets a waiting consumer see the records written so far. Called between steps, not for each record.
    void publish();
    // No event comes after this one.
    void close();

    std::size_t ringUsedBytes() const { return m_ring.usedBytes(); }
    std::size_t ringCapacityBytes() const { return m_ring.capacityBytes(); }

    // ---- consumer thread ----

    // Appends what there is, waiting up to `timeout` for it. False: closed and drained.
    bool wait(std::vector<api::Event>& out, std::chrono::milliseconds timeout);

private:
    struct Entry {
        std::uint64_t afterRecord = 0; // position in the ring's stream
        api::Event event;
    };

    void takeRecords(std::uint64_t end, std::vector<api::Event>& out);

    telemetry::RecordRing m_ring;
    std::mutex m_mutex;
    std::condition_variable m_ready;
    std::deque<Entry> m_events;    // under m_mutex
    std::uint64_t m_published = 0; // under m_mutex: records that may be read
    bool m_closed = false;         // under m_mutex
};

} // namespace bathy::runtime
