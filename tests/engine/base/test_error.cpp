#include "engine/base/result.h"

#include <gtest/gtest.h>

namespace bathy {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0)
        return Error(ErrorCode::BadArgument, "value " + std::to_string(value) + " is odd", "give an even one");
    return value / 2;
}

Result<int> quarter(int value) {
    BATHY_TRY(const int h, half(value));
    BATHY_TRY(const int q, half(h));
    return q;
}

Result<void> requireEven(int value) {
    BATHY_CHECK(half(value));
    return {};
}

TEST(Result, try_success_givesValue) {
    EXPECT_EQ(*quarter(8), 2);
}

TEST(Result, try_failure_returnsFirstError) {
    const auto result = quarter(6);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().what(), "value 3 is odd");
    EXPECT_EQ(result.error().hint(), "give an even one");
}

TEST(Result, check_failure_propagates) {
    EXPECT_TRUE(requireEven(2));
    EXPECT_FALSE(requireEven(3));
}

TEST(Error, withContext_addsOutermostFirst) {
    const auto error = Error(ErrorCode::Io, "short read").withContext("shard 2").withContext("loading m");
    EXPECT_EQ(error.what(), "loading m: shard 2: short read");
}

TEST(Error, exitCode_followsTheContract) {
    EXPECT_EQ(exitCode(ErrorCode::BadFile), 3);
    EXPECT_EQ(exitCode(ErrorCode::BadArgument), 2);
    EXPECT_EQ(exitCode(ErrorCode::OutOfMemory), 4);
    EXPECT_EQ(exitCode(ErrorCode::DeviceMissing), 5);
    EXPECT_EQ(exitCode(ErrorCode::Cancelled), 130);
}

} // namespace
} // namespace bathy
