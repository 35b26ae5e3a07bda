#include "engine/telemetry/record_ring.h"

#include <gtest/gtest.h>

namespace bathy::telemetry {
namespace {

TokenEvent token(std::int64_t position) {
    TokenEvent event;
    event.position = Position{position};
    return event;
}

TEST(RecordRing, Droppable_leavesAQuarterForWhatMustArrive) {
    RecordRing ring(16);
    int droppable = 0;
    while (ring.push(SpanEvent{}, Delivery::Droppable))
        ++droppable;
    EXPECT_EQ(droppable, 12);
    int reliable = 0;
    while (ring.push(token(reliable), Delivery::Reliable))
        ++reliable;
    EXPECT_EQ(reliable, 4);
}

TEST(RecordRing, WrapAround_keepsOrder) {
    RecordRing ring(8);
    std::vector<Record> out;
    for (std::int64_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(ring.push(token(i), Delivery::Reliable));
        if (i % 5 == 4)
            ring.popUntil(ring.written(), out);
    }
    ASSERT_EQ(out.size(), 100U);
    for (std::size_t i = 0; i < out.size(); ++i)
        EXPECT_EQ(raw(std::get<TokenEvent>(out[i]).position), static_cast<std::int64_t>(i));
    EXPECT_EQ(ring.used(), 0U);
}

TEST(RecordRing, Capacity_isAPowerOfTwo) {
    EXPECT_EQ(RecordRing(1).capacity(), 4U);
    EXPECT_EQ(RecordRing(1000).capacity(), 1024U);
}

} // namespace
} // namespace bathy::telemetry
