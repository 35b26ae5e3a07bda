#include "engine/runtime/scheduler.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace bathy::runtime {
namespace {

Work prefill(std::uint64_t id, std::int64_t position, std::int64_t end, std::uint64_t served = 0) {
    return {GenerationId{id}, WorkPhase::Prefill, position, end, 512, served, false};
}
Work decode(std::uint64_t id, std::uint64_t served = 0) {
    return {GenerationId{id}, WorkPhase::Decode, 0, 0, 512, served, false};
}
Work stopping(Work work) {
    work.stopping = true;
    return work;
}

struct Row {
    std::string name;
    std::vector<Work> work;
    Plan plan;
};

TEST(Scheduler, Plans_areThoseOfTheTable) {
    const std::vector<Row> table{
        {"nothing to do", {}, {StepKind::Idle, GenerationId{0}, 0}},
        {"one decodes", {decode(1)}, {StepKind::Decode, GenerationId{1}, 0}},
        {"a short prompt in one step", {prefill(1, 0, 100)}, {StepKind::Prefill, GenerationId{1}, 100}},
        {"a long prompt in chunks", {prefill(1, 0, 5000)}, {StepKind::Prefill, GenerationId{1}, 512}},
        {"the rest of a prompt", {prefill(1, 512, 600)}, {StepKind::Prefill, GenerationId{1}, 88}},
        {"a step ends at a checkpoint", {prefill(1, 500, 510)}, {StepKind::Prefill, GenerationId{1}, 10}},
        {"small steps beside decode",
         {decode(1, 5), prefill(2, 0, 5000, 4)},
         {StepKind::Prefill, GenerationId{2}, kPrefillChunkBesideDecode}},
        {"who waited longest", {decode(1, 7), decode(2, 6), decode(3, 8)}, {StepKind::Decode, GenerationId{2}, 0}},
        {"decode before prefill among equals", {prefill(1, 0, 9), decode(2)}, {StepKind::Decode, GenerationId{2}, 0}},
        {"stopping first", {decode(1, 1), stopping(prefill(2, 0, 9, 9))}, {StepKind::Finish, GenerationId{2}, 0}},
    };
    for (const auto& row : table)
        EXPECT_EQ(schedule(row.work), row.plan) << row.name;
}

TEST(Scheduler, ManyGenerations_areServedEquallyOften) {
    std::vector<Work> work{prefill(1, 0, 1'000'000), decode(2), decode(3)};
    std::map<std::uint64_t, int> served;
    for (std::uint64_t step = 1; step <= 300; ++step) {
        const auto plan = schedule(work);
        for (auto& w : work)
            if (w.generation == plan.generation) {
                w.lastServed = step;
                ++served[raw(w.generation)];
            }
    }
    EXPECT_EQ(served, (std::map<std::uint64_t, int>{{1, 100}, {2, 100}, {3, 100}}));
}

} // namespace
} // namespace bathy::runtime
