// A ring of telemetry records between one writer (the engine thread) and one reader. Writing never allocates, locks or
// waits, and touches no more memory than the record has: a span takes 40 bytes, not those of the largest record. Part
// of the ring is kept free for records that must not be lost; when it is full of those too, push says so and the caller
// finds another way.
#pragma once

#include "engine/telemetry/events.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace bathy::telemetry {

enum class Delivery : std::uint8_t {
    Droppable, // refused while less than a quarter of the ring is free
    Reliable,  // refused only when the ring is full
};

class RecordRing {
public:
    // Rounded up to a power of two, at least so much that one record of any kind has room.
    explicit RecordRing(std::size_t bytes)
        : m_words(std::bit_ceil(std::max(bytes / sizeof(Word), wordsOf<TokenEvent>()))), m_mask(m_words.size() - 1) {}

    // Writer. False: there was no room and nothing was written.
    template <class Event>
    bool push(const Event& event, Delivery delivery) {
        const auto written = m_written.load(std::memory_order_relaxed);
        const auto end = written + wordsOf<Event>();
        const auto limit = delivery == Delivery::Reliable ? m_words.size() : m_words.size() - m_words.size() / 4;
        if (end - m_readSeen > limit) { // the reader's counter is asked only when what is known of it does not do
            m_readSeen = m_read.load(std::memory_order_acquire);
            if (end - m_readSeen > limit)
                return false;
        }
        m_words[written & m_mask] = kindOf<Event>(std::make_index_sequence<std::variant_size_v<Record>>());
        copyIn(written + 1, &event, sizeof(Event));
        m_written.store(end, std::memory_order_release);
        return true;
    }

    // Where the stream of records stands; grows with every record.
    std::uint64_t written() const { return m_written.load(std::memory_order_acquire); }

    // Reader. Appends records that were not read yet, at most `most` of them and none behind `end`, which is a value of
    // written().
    void popUntil(std::uint64_t end, std::size_t most, std::vector<Record>& out) {
        auto read = m_read.load(std::memory_order_relaxed);
        for (; read < end && most > 0; --most)
            read = take(read, out, std::make_index_sequence<std::variant_size_v<Record>>());
        m_read.store(read, std::memory_order_release);
    }
    std::uint64_t read() const { return m_read.load(std::memory_order_acquire); }

    std::size_t usedBytes() const { return static_cast<std::size_t>(written() - read()) * sizeof(Word); }
    std::size_t capacityBytes() const { return m_words.size() * sizeof(Word); }

private:
    // One word says what kind of record follows, then come its bytes.
    using Word = std::uint64_t;

    template <class Event>
    static constexpr std::size_t wordsOf() {
        return 1 + (sizeof(Event) + sizeof(Word) - 1) / sizeof(Word);
    }

    template <class Event, std::size_t... Kind>
    static consteval std::size_t kindOf(std::index_sequence<Kind...> /*kinds*/) {
        return ((std::is_same_v<Event, std::variant_alternative_t<Kind, Record>> ? Kind : 0) + ...);
    }

    // A record may go over the end of the memory and continue at its start.
    void copyIn(std::uint64_t at, const void* bytes, std::size_t count) {
        const auto slot = at & m_mask;
        const auto head = std::min(count, (m_words.size() - slot) * sizeof(Word));
        std::memcpy(m_words.data() + slot, bytes, head);
        if (head < count)
            std::memcpy(m_words.data(), static_cast<const std::byte*>(bytes) + head, count - head);
    }
    void copyOut(std::uint64_t at, void* bytes, std::size_t count) const {
        const auto slot = at & m_mask;
        const auto head = std::min(count, (m_words.size() - slot) * sizeof(Word));
        std::memcpy(bytes, m_words.data() + slot, head);
        if (head < count)
            std::memcpy(static_cast<std::byte*>(bytes) + head, m_words.data(), count - head);
    }

    template <std::size_t... Kind>
    std::uint64_t take(std::uint64_t at, std::vector<Record>& out, std::index_sequence<Kind...> /*kinds*/) {
        const auto kind = m_words[at & m_mask];
        const auto takeOne = [&]<std::size_t K>(std::integral_constant<std::size_t, K> /*kind*/) {
            if (kind != K)
                return;
            using Event = std::variant_alternative_t<K, Record>;
            Event event;
            copyOut(at + 1, &event, sizeof event);
            out.emplace_back(std::in_place_index<K>, event);
            at += wordsOf<Event>();
        };
        (takeOne(std::integral_constant<std::size_t, Kind>()), ...);
        return at;
    }

    std::vector<Word> m_words;
    std::size_t m_mask;
    // On lines of their own: writer and reader would otherwise fight over one.
    alignas(64) std::atomic<std::uint64_t> m_written{0};
    std::uint64_t m_readSeen = 0; // writer: what it knows of m_read
    alignas(64) std::atomic<std::uint64_t> m_read{0};
};

} // namespace bathy::telemetry
