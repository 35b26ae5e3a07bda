#include "app/models/kv_history.h"

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

telemetry::KvEvent at(std::int64_t tokens) {
    telemetry::KvEvent event;
    event.tokens = tokens;
    event.bytes[telemetry::KvPart::Window] = static_cast<std::uint64_t>(tokens) * 10;
    return event;
}

TEST(KvHistory, Add_hundredThousandSteps_staysBoundedAscendingAndKeepsTheNewest) {
    KvHistory history;
    for (std::int64_t t = 1; t <= 100'000; ++t)
        history.add(at(t));
    const auto& points = history.points();
    EXPECT_LE(points.size(), KvHistory::kMaxPoints);
    EXPECT_GE(points.size(), KvHistory::kMaxPoints / 4) << "thinned more than needed";
    EXPECT_EQ(points.front().tokens, 1);
    EXPECT_EQ(points.back().tokens, 100'000);
    for (std::size_t i = 1; i < points.size(); ++i)
        ASSERT_LT(points[i - 1].tokens, points[i].tokens);
}

TEST(KvHistory, Add_widelySpacedSteps_staysBounded) {
    KvHistory history;
    for (std::int64_t t = 1; t <= 20'000; ++t)
        history.add(at(t * 1'000'000));
    EXPECT_LE(history.points().size(), KvHistory::kMaxPoints);
    EXPECT_EQ(history.latest()->tokens, 20'000'000'000);
}

TEST(KvHistory, Add_fewerTokensThanBefore_takesLaterPointsBack) {
    KvHistory history;
    for (const std::int64_t t : {10, 20, 30})
        history.add(at(t));
    history.add(at(15));
    ASSERT_EQ(history.points().size(), 2U);
    EXPECT_EQ(history.points()[1].tokens, 15);
    history.cut(12);
    EXPECT_EQ(history.latest()->tokens, 10);
    history.cut(0);
    EXPECT_FALSE(history.latest());
}

} // namespace
} // namespace bathy::models
