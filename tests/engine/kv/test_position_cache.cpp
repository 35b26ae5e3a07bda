#include "engine/kv/position_cache.h"

#include <cstring>
#include <gtest/gtest.h>

namespace bathy::kv {
namespace {

using telemetry::KvPart;

// Writes the position into the rows of all layers.
void feed(PositionCache& cache, std::int64_t tokens) {
    ASSERT_TRUE(cache.beginStep(tokens));
    for (std::size_t l = 0; l < 2; ++l)
        for (auto p = cache.length(); p < cache.length() + tokens; ++p)
            std::memcpy(cache.layer(l).rows.row(p), &p, sizeof(p));
    cache.commitStep(tokens);
}

std::int64_t rowOf(PositionCache& cache, std::int64_t position) {
    std::int64_t value = -1;
    std::memcpy(&value, cache.layer(1).rows.row(position), sizeof(value));
    return value;
}

PositionCache twoLayers() {
    const PositionLayerSpec specs[] = {{16, 0}, {16, 4}};
    auto cache = PositionCache::create(specs, {100'000, KvPart::Latents});
    return *std::move(cache);
}

TEST(PositionCache, Any_position_can_be_reached) {
    auto cache = twoLayers();
    feed(cache, 50'000);
    EXPECT_EQ(cache.truncate(60'000), 50'000);
    EXPECT_EQ(cache.truncate(123), 123);
    feed(cache, 10);
    EXPECT_EQ(cache.length(), 133);
    EXPECT_EQ(rowOf(cache, 122), 122);
    EXPECT_EQ(rowOf(cache, 132), 132);
    EXPECT_EQ(cache.truncate(-5), 0);
}

TEST(PositionCache, A_fork_lives_on_its_own) {
    auto cache = twoLayers();
    feed(cache, 1000);
    auto copy = cache.fork(700);
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->length(), 700);
    cache.truncate(0);
    feed(*copy, 5);
    EXPECT_EQ(rowOf(*copy, 699), 699);
    EXPECT_EQ(rowOf(*copy, 704), 704);
}

TEST(PositionCache, Bytes_are_counted_by_part_and_said_before_they_are_taken) {
    auto cache = twoLayers();
    const auto before = cache.memory().reservedBytes;
    const auto asked = cache.stepBytes(5000);
    feed(cache, 5000);
    const auto memory = cache.memory();
    EXPECT_EQ(memory.bytes[KvPart::Latents], 2u * 16 * 5000);
    EXPECT_EQ(memory.bytes[KvPart::IndexKeys], 4u * 5000);
    EXPECT_EQ(memory.bytes.total(), 36u * 5000);
    EXPECT_GE(memory.reservedBytes - before, asked);
    EXPECT_EQ(cache.stepBytes(1), 0u);
    EXPECT_EQ(cache.forkBytes(5000), 36u * 5000);
}

} // namespace
} // namespace bathy::kv
