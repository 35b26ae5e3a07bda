// A ring of telemetry records between one writer (the engine thread) and one reader. Writing never allocates, locks or
// waits. Part of the ring is kept free for records that must not be lost; when it is full of those too, push says so
// and the caller finds another way.
#pragma once

#include "engine/telemetry/events.h"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bathy::telemetry {

enum class Delivery : std::uint8_t {
    Droppable, // refused while less than a quarter of the ring is free
    Reliable,  // refused only when the ring is full
};

class RecordRing {
public:
    explicit RecordRing(std::size_t capacity)
        : m_slots(std::bit_ceil(capacity < 4 ? std::size_t{4} : capacity)), m_mask(m_slots.size() - 1) {}

    // Writer. False: there was no room and nothing was written.
    template <class Event>
    bool push(const Event& event, Delivery delivery) {
        const auto written = m_written.load(std::memory_order_relaxed);
        const auto used = written - m_read.load(std::memory_order_acquire);
        const auto limit = delivery == Delivery::Reliable ? m_slots.size() : m_slots.size() - m_slots.size() / 4;
        if (used >= limit)
            return false;
        m_slots[written & m_mask].template emplace<Event>(event);
        m_written.store(written + 1, std::memory_order_release);
        return true;
    }

    // Records written since the beginning; a position in the stream.
    std::uint64_t written() const { return m_written.load(std::memory_order_acquire); }

    // Reader. Appends the records before position `end` that were not read yet; `end` is at most written().
    void popUntil(std::uint64_t end, std::vector<Record>& out) {
        auto read = m_read.load(std::memory_order_relaxed);
        for (; read < end; ++read)
            out.push_back(m_slots[read & m_mask]);
        m_read.store(read, std::memory_order_release);
    }
    std::uint64_t read() const { return m_read.load(std::memory_order_acquire); }

    std::size_t used() const { return static_cast<std::size_t>(written() - read()); }
    std::size_t capacity() const { return m_slots.size(); }

private:
    std::vector<Record> m_slots;
    std::size_t m_mask;
    // On lines of their own: writer and reader would otherwise fight over one.
    alignas(64) std::atomic<std::uint64_t> m_written{0};
    alignas(64) std::atomic<std::uint64_t> m_read{0};
};

} // namespace bathy::telemetry
