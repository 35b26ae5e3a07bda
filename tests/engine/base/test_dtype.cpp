#include "engine/base/dtype.h"

#include <gtest/gtest.h>

namespace bathy {
namespace {

TEST(DType, names_roundTrip) {
    for (int i = 0; i <= static_cast<int>(DType::Bool); ++i) {
        const auto dtype = static_cast<DType>(i);
        EXPECT_EQ(dtypeFromName(dtypeName(dtype)), dtype);
    }
    EXPECT_FALSE(dtypeFromName("F8_E5M2"));
}

TEST(DType, bytes_halfByteTypesRoundUp) {
    EXPECT_EQ(dtypeBytes(DType::F4E2M1, 5), 3u);
    EXPECT_EQ(dtypeBytes(DType::F32, 5), 20u);
    EXPECT_EQ(dtypeBytes(DType::F8E4M3, 5), 5u);
}

} // namespace
} // namespace bathy
