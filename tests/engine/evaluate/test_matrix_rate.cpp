#include "engine/evaluate/matrix_rate.h"

#include <gtest/gtest.h>

namespace bathy::evaluate {
namespace {

TEST(MatrixRate, IsMeasuredForBothForms) {
    ThreadPool pool(1);
    EXPECT_GT(measureMatrixRate(pool, DType::F32, {}), 0);
    EXPECT_GT(measureMatrixRate(pool, DType::BF16, {}), 0);
}

TEST(MatrixRate, Stopped_isNone) {
    ThreadPool pool(1);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(measureMatrixRate(pool, DType::F32, stop.get_token()), 0);
}

} // namespace
} // namespace bathy::evaluate
