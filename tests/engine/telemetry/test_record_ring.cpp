#include "engine/telemetry/record_ring.h"

#include <gtest/gtest.h>

namespace bathy::telemetry {
namespace {

constexpr std::size_t kAll = 1'000'000;
constexpr std::size_t kSpanBytes = 8 + sizeof(SpanEvent);

TokenEvent token(std::int64_t position) {
    TokenEvent event;
    event.position = Position{position};
    return event;
}

TEST(RecordRing, Droppable_leavesAQuarterForWhatMustArrive) {
    RecordRing ring(1 << 14);
    std::size_t droppable = 0;
    while (ring.push(SpanEvent{}, Delivery::Droppable))
        ++droppable;
    EXPECT_EQ(droppable, (std::size_t{1} << 14) * 3 / 4 / kSpanBytes);
    std::size_t reliable = 0;
    while (ring.push(SpanEvent{}, Delivery::Reliable))
        ++reliable;
    EXPECT_EQ(droppable + reliable, (std::size_t{1} << 14) / kSpanBytes);
    EXPECT_EQ(ring.usedBytes(), (droppable + reliable) * kSpanBytes);
}

TEST(RecordRing, WrapAround_keepsOrderAndContent) {
    RecordRing ring(1 << 11);
    std::vector<Record> out;
    for (std::int64_t i = 0; i < 1000; ++i) { // sizes that do not divide the memory: records lie over its end
        ASSERT_TRUE(ring.push(token(i), Delivery::Reliable));
        ASSERT_TRUE(ring.push(SpanEvent{SpanKind::Experts, LayerId{3}, 7, i, 2 * i}, Delivery::Reliable));
        RoutingEvent routing;
        routing.position = Position{i};
        routing.expert[15] = static_cast<std::uint16_t>(i);
        ASSERT_TRUE(ring.push(routing, Delivery::Reliable));
        if (i % 3 == 2)
            ring.popUntil(ring.written(), kAll, out);
    }
    ring.popUntil(ring.written(), kAll, out);
    ASSERT_EQ(out.size(), 3000U);
    for (std::size_t i = 0; i < 1000; ++i) {
        const auto n = static_cast<std::int64_t>(i);
        EXPECT_EQ(raw(std::get<TokenEvent>(out[3 * i]).position), n);
        EXPECT_EQ(std::get<SpanEvent>(out[3 * i + 1]).durationNs, 2 * n);
        EXPECT_EQ(std::get<RoutingEvent>(out[3 * i + 2]).expert[15], i);
    }
    EXPECT_EQ(ring.usedBytes(), 0U);
}

TEST(RecordRing, PopUntil_stopsAtTheEndAndAtTheCount) {
    RecordRing ring(1 << 14);
    for (std::int64_t i = 0; i < 10; ++i)
        ring.push(token(i), Delivery::Reliable);
    const auto ten = ring.written();
    ring.push(token(10), Delivery::Reliable);
    std::vector<Record> out;
    ring.popUntil(ten, 4, out);
    EXPECT_EQ(out.size(), 4U);
    ring.popUntil(ten, kAll, out);
    EXPECT_EQ(out.size(), 10U);
}

TEST(RecordRing, Capacity_isAPowerOfTwoWithRoomForAnyRecord) {
    EXPECT_EQ(RecordRing(1000).capacityBytes(), 1024U);
    RecordRing smallest(1);
    EXPECT_TRUE(smallest.push(token(0), Delivery::Reliable));
}

} // namespace
} // namespace bathy::telemetry
