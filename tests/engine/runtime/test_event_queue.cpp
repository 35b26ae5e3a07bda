#include "engine/runtime/event_queue.h"

#include <gtest/gtest.h>
#include <thread>

namespace bathy::runtime {
namespace {

using namespace std::chrono_literals;

telemetry::TokenEvent token(std::int64_t position) {
    telemetry::TokenEvent event;
    event.position = Position{position};
    return event;
}
telemetry::SpanEvent span() {
    return {telemetry::SpanKind::Embed, LayerId{0}, 1, 0, 1};
}

std::int64_t positionOf(const telemetry::Record& record) {
    return raw(std::get<telemetry::TokenEvent>(record).position);
}

TEST(EventQueue, RecordsAndControlEvents_keepOneOrder) {
    EventQueue queue(1 << 14);
    queue.recordReliably(token(0));
    queue.post(api::ModelUnloaded{});
    queue.recordReliably(token(1));
    queue.recordReliably(token(2));
    queue.post(api::ModelUnloaded{});
    std::vector<api::Event> out;
    ASSERT_TRUE(queue.wait(out, 0ms));
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(std::get<api::Records>(out[0]).records.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<api::ModelUnloaded>(out[1]));
    EXPECT_EQ(std::get<api::Records>(out[2]).records.size(), 2U);
    EXPECT_TRUE(std::holds_alternative<api::ModelUnloaded>(out[3]));
}

TEST(EventQueue, FullRing_dropsSpansAndKeepsEveryTokenInOrder) {
    EventQueue queue(1 << 12);
    int dropped = 0;
    for (int i = 0; i < 100; ++i) {
        queue.recordReliably(token(i));
        dropped += queue.recordIfRoom(span()) ? 0 : 1;
    }
    queue.publish();
    EXPECT_GT(dropped, 80);
    std::vector<api::Event> out;
    queue.wait(out, 0ms);
    std::int64_t expected = 0;
    for (const auto& event : out)
        for (const auto& record : std::get<api::Records>(event).records)
            if (std::holds_alternative<telemetry::TokenEvent>(record)) {
                EXPECT_EQ(positionOf(record), expected++);
            }
    EXPECT_EQ(expected, 100);
}

TEST(EventQueue, UnpublishedRecords_wakeNobody) {
    EventQueue queue(1 << 12);
    queue.recordReliably(token(0));
    std::vector<api::Event> out;
    EXPECT_TRUE(queue.wait(out, 1ms));
    EXPECT_TRUE(out.empty());
    queue.publish();
    EXPECT_TRUE(queue.wait(out, 0ms));
    EXPECT_EQ(out.size(), 1U);
}

TEST(EventQueue, Closed_endsAfterTheLastEvent) {
    EventQueue queue(1 << 12);
    queue.recordReliably(token(0));
    queue.close();
    std::vector<api::Event> out;
    EXPECT_TRUE(queue.wait(out, 0ms));
    EXPECT_EQ(out.size(), 1U);
    out.clear();
    EXPECT_FALSE(queue.wait(out, 0ms));
}

TEST(EventQueue, TwoThreads_loseNothingThatIsReliable) {
    EventQueue queue(1 << 16);
    constexpr int kCount = 20000;
    std::jthread writer([&] {
        for (int i = 0; i < kCount; ++i) {
            queue.recordReliably(token(i));
            queue.recordIfRoom(span());
            if (i % 97 == 0)
                queue.post(api::ModelUnloaded{});
            if (i % 10 == 0)
                queue.publish();
        }
        queue.close();
    });
    std::int64_t expected = 0;
    int controls = 0;
    std::vector<api::Event> out;
    while (queue.wait(out, 50ms)) {
        for (const auto& event : out) {
            if (!std::holds_alternative<api::Records>(event)) {
                ++controls;
                continue;
            }
            for (const auto& record : std::get<api::Records>(event).records)
                if (std::holds_alternative<telemetry::TokenEvent>(record)) {
                    ASSERT_EQ(positionOf(record), expected++);
                }
        }
        out.clear();
    }
    EXPECT_EQ(expected, kCount);
    EXPECT_EQ(controls, (kCount + 96) / 97);
}

} // namespace
} // namespace bathy::runtime
