// Open-addressing map from 64-bit keys to 32-bit values for tables that are built once and then only read. The key
// ~0 is not allowed.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bathy::tokenizer {

class FlatMap {
public:
    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};

    // Room for `count` keys, at most half full.
    explicit FlatMap(std::size_t count = 0)
        : m_slots(std::bit_ceil(count * 2 + 2), Slot{kEmpty, kNone}), m_shift(64 - std::countr_zero(m_slots.size())) {}

    // Replaces the value of a key that is there.
    void set(std::uint64_t key, std::uint32_t value) {
        if ((m_size + 1) * 2 > m_slots.size())
            grow();
        Slot& slot = m_slots[indexOf(key)];
        m_size += slot.key == kEmpty ? 1 : 0;
        slot = {key, value};
    }

    // kNone when the key is not there.
    std::uint32_t find(std::uint64_t key) const { return m_slots[indexOf(key)].value; }

private:
    struct Slot {
        std::uint64_t key;
        std::uint32_t value;
    };

    std::size_t indexOf(std::uint64_t key) const {
        // Fibonacci hashing: the high bits of the product depend on all bits of the key.
        auto i = static_cast<std::size_t>(key * 0x9E3779B97F4A7C15ULL >> m_shift);
        while (m_slots[i].key != key && m_slots[i].key != kEmpty)
            i = (i + 1) & (m_slots.size() - 1);
        return i;
    }

    void grow() {
        FlatMap bigger(m_slots.size());
        for (const auto& slot : m_slots)
            if (slot.key != kEmpty)
                bigger.set(slot.key, slot.value);
        *this = std::move(bigger);
    }

    std::vector<Slot> m_slots;
    int m_shift;
    std::size_t m_size = 0;
};

} // namespace bathy::tokenizer
