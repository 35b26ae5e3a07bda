#include "engine/runtime/command_queue.h"

#include <gtest/gtest.h>

namespace bathy::runtime {
namespace {

using api::RequestId;

api::Generate generate(std::uint64_t request) {
    api::Generate command;
    command.request = RequestId{request};
    return command;
}

TEST(CommandQueue, CancelOfWaitingCommand_stopsItBeforeItBegins) {
    CommandQueue queue;
    queue.post(generate(1));
    queue.post(generate(2));
    queue.post(api::Cancel{RequestId{3}, RequestId{1}});
    const auto first = queue.take(CommandQueue::Wait::No);
    const auto second = queue.take(CommandQueue::Wait::No);
    EXPECT_TRUE(first->stop.stop_requested());
    EXPECT_FALSE(second->stop.stop_requested());
}

TEST(CommandQueue, CancelDuringStep_stopsStepAndRequest) {
    CommandQueue queue;
    queue.post(generate(1));
    const auto command = queue.take(CommandQueue::Wait::No);
    const auto step = queue.beginStep();
    EXPECT_FALSE(step.stop_requested());
    queue.post(api::Cancel{RequestId{2}, RequestId{1}});
    EXPECT_TRUE(step.stop_requested());
    EXPECT_TRUE(command->stop.stop_requested());
}

TEST(CommandQueue, CancelBetweenTakeAndStep_isNotForgotten) {
    CommandQueue queue;
    queue.post(generate(1));
    static_cast<void>(queue.take(CommandQueue::Wait::No));
    queue.post(api::Cancel{RequestId{2}, RequestId{1}});
    EXPECT_TRUE(queue.beginStep().stop_requested());
    static_cast<void>(queue.take(CommandQueue::Wait::No));
    EXPECT_FALSE(queue.beginStep().stop_requested());
}

TEST(CommandQueue, CancelOfFinishedRequest_disturbsNobody) {
    CommandQueue queue;
    queue.post(generate(1));
    static_cast<void>(queue.take(CommandQueue::Wait::No));
    queue.finished(RequestId{1});
    const auto step = queue.beginStep();
    queue.post(api::Cancel{RequestId{2}, RequestId{1}});
    EXPECT_FALSE(step.stop_requested());
}

TEST(CommandQueue, Shutdown_stopsAllThatRuns) {
    CommandQueue queue;
    queue.post(api::LoadModel{RequestId{1}, {}});
    const auto load = queue.take(CommandQueue::Wait::Yes);
    queue.post(api::Shutdown{RequestId{2}});
    EXPECT_TRUE(load->stop.stop_requested());
    EXPECT_TRUE(std::holds_alternative<api::Shutdown>(queue.take(CommandQueue::Wait::No)->command));
}

} // namespace
} // namespace bathy::runtime
