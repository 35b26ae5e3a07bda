#include "engine/kv/row_ring.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace bathy::kv {
namespace {

constexpr std::int64_t kRowBytes = 8;

std::vector<std::byte> rowsOf(std::int64_t first, std::int64_t count, std::int64_t tag) {
    std::vector<std::byte> rows(static_cast<std::size_t>(count * kRowBytes));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t value = (first + i) * 1000 + tag;
        std::memcpy(rows.data() + i * kRowBytes, &value, kRowBytes);
    }
    return rows;
}

void put(RowRing& ring, std::int64_t first, std::int64_t count, std::int64_t tag = 0) {
    ring.put(first, count, rowsOf(first, count, tag).data());
}

std::int64_t valueAt(const RowRing& ring, std::int64_t position) {
    std::int64_t value = 0;
    std::memcpy(&value, ring.row(position), kRowBytes);
    return value;
}

TEST(RowRing, Put_beyond_capacity_keeps_the_last) {
    RowRing ring(5, kRowBytes);
    put(ring, 0, 12);
    EXPECT_TRUE(ring.holds(7, 12));
    EXPECT_FALSE(ring.holds(6, 12));
    EXPECT_FALSE(ring.holds(7, 13));
    EXPECT_EQ(valueAt(ring, 9), 9000);
}

TEST(RowRing, Empty_range_is_always_held) {
    const RowRing ring(5, kRowBytes);
    EXPECT_TRUE(ring.holds(3, 3));
    EXPECT_TRUE(RowRing().holds(0, 0));
    EXPECT_FALSE(ring.holds(0, 1));
}

TEST(RowRing, Find_splits_where_the_ring_wraps) {
    RowRing ring(5, kRowBytes);
    put(ring, 0, 7);
    const auto [head, tail] = ring.find(3, 7);
    EXPECT_EQ(head.slot, 3);
    EXPECT_EQ(head.count, 2);
    EXPECT_EQ(tail.slot, 0);
    EXPECT_EQ(tail.count, 2);
}

TEST(RowRing, Rewriting_after_going_back_does_not_bring_lost_rows_back) {
    RowRing ring(8, kRowBytes);
    put(ring, 0, 20); // holds 12..19
    put(ring, 17, 1, 1);
    EXPECT_TRUE(ring.holds(12, 18));
    EXPECT_FALSE(ring.holds(11, 18)); // its slot was taken by 19
    EXPECT_FALSE(ring.holds(17, 19)); // 18 was taken back
    EXPECT_EQ(valueAt(ring, 17), 17001);
    EXPECT_EQ(valueAt(ring, 16), 16000);
}

TEST(RowRing, Forgetting_the_last_rows_keeps_the_others) {
    RowRing ring(8, kRowBytes);
    put(ring, 0, 20); // holds 12..19
    ring.forgetFrom(25);
    EXPECT_EQ(ring.end(), 20);
    ring.forgetFrom(17);
    EXPECT_EQ(ring.end(), 17);
    EXPECT_EQ(ring.count(), 5);
    EXPECT_TRUE(ring.holds(12, 17));
    EXPECT_FALSE(ring.holds(16, 18));
    EXPECT_EQ(ring.heldBefore(17), 12);
    EXPECT_EQ(ring.heldBefore(15), 12);
    EXPECT_EQ(ring.heldBefore(18), 18); // 17 is not there
    put(ring, 17, 1, 1);
    EXPECT_TRUE(ring.holds(12, 18));
    ring.forgetFrom(3);
    EXPECT_EQ(ring.count(), 0);
    EXPECT_EQ(ring.heldBefore(4), 4);
}

TEST(RowRing, Gap_forgets_what_lies_before_it) {
    RowRing ring(8, kRowBytes);
    put(ring, 0, 4);
    put(ring, 6, 2);
    EXPECT_TRUE(ring.holds(6, 8));
    EXPECT_FALSE(ring.holds(3, 4));
}

TEST(RowRing, Restore_brings_back_rows_that_were_overwritten) {
    RowRing ring(8, kRowBytes);
    put(ring, 0, 13);
    const auto copy = ring.copyBefore(11); // 5..10
    EXPECT_EQ(copy.begin, 5);
    EXPECT_EQ(copy.end, 11);
    put(ring, 13, 30);
    ring.restore(copy);
    EXPECT_TRUE(ring.holds(5, 11));
    EXPECT_FALSE(ring.holds(4, 11));
    EXPECT_FALSE(ring.holds(5, 12));
    for (std::int64_t p = 5; p < 11; ++p)
        EXPECT_EQ(valueAt(ring, p), p * 1000);
}

TEST(RowRing, Random_puts_and_returns_agree_with_a_plain_list) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
        const std::int64_t capacity = 1 + random() % 20;
        RowRing ring(capacity, kRowBytes);
        std::vector<std::int64_t> truth; // value by position
        std::vector<std::int64_t> slotOwner(static_cast<std::size_t>(capacity), -1);
        for (int step = 0; step < 200; ++step) {
            const auto back = std::min<std::int64_t>(static_cast<std::int64_t>(truth.size()), random() % 4);
            const auto first = static_cast<std::int64_t>(truth.size()) - back;
            const std::int64_t count = 1 + random() % 30;
            truth.resize(static_cast<std::size_t>(first));
            put(ring, first, count, step);
            for (std::int64_t p = first; p < first + count; ++p) {
                truth.push_back(p * 1000 + step);
                slotOwner[static_cast<std::size_t>(p % capacity)] = p;
            }
            const auto end = static_cast<std::int64_t>(truth.size());
            for (std::int64_t p = std::max<std::int64_t>(0, end - capacity); p < end; ++p) {
                if (!ring.holds(p, end))
                    continue;
                ASSERT_EQ(slotOwner[static_cast<std::size_t>(p % capacity)], p);
                ASSERT_EQ(valueAt(ring, p), truth[static_cast<std::size_t>(p)]);
            }
            ASSERT_TRUE(ring.holds(std::max(first, end - capacity), end));
        }
    }
}

} // namespace
} // namespace bathy::kv
