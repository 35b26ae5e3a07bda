#include "engine/kv/entry_rows.h"

#include <cstring>
#include <gtest/gtest.h>

namespace bathy::kv {
namespace {

TEST(EntryRows, Growth_moves_nothing) {
    auto rows = EntryRows::create(584, 1'000'000);
    ASSERT_TRUE(rows);
    ASSERT_TRUE(rows->reserve(1));
    const auto* first = rows->row(0);
    std::memset(rows->row(0), 7, 584);
    ASSERT_TRUE(rows->reserve(20'000));
    EXPECT_EQ(rows->row(0), first);
    EXPECT_EQ(*rows->row(0), std::byte{7});
    std::memset(rows->row(19'999), 9, 584);
    EXPECT_LT(rows->bytes(), 20'000u * 584 + 300'000);
}

TEST(EntryRows, Shrink_gives_memory_back_and_keeps_the_rest) {
    auto rows = EntryRows::create(1024, 100'000);
    ASSERT_TRUE(rows);
    ASSERT_TRUE(rows->reserve(50'000));
    std::memset(rows->row(9), 5, 1024);
    rows->shrink(10);
    EXPECT_LE(rows->bytes(), 512u * 1024 + 4096);
    EXPECT_EQ(*rows->row(9), std::byte{5});
    ASSERT_TRUE(rows->reserve(50'000));
    EXPECT_EQ(*rows->row(49'999), std::byte{0});
}

TEST(EntryRows, More_than_the_maximum_is_an_error) {
    auto rows = EntryRows::create(512, 100);
    ASSERT_TRUE(rows);
    EXPECT_TRUE(rows->reserve(100));
    const auto more = rows->reserve(100'000);
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code(), ErrorCode::OutOfMemory);
}

TEST(EntryRows, An_impossible_size_is_an_error) {
    EXPECT_FALSE(EntryRows::create(std::int64_t{1} << 31, std::int64_t{1} << 31));
}

TEST(EntryRows, Without_rows_nothing_is_needed) {
    EntryRows rows;
    EXPECT_TRUE(rows.reserve(0));
    EXPECT_EQ(rows.bytes(), 0u);
}

} // namespace
} // namespace bathy::kv
