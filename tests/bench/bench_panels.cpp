// What live inspection costs the window: 200 tokens a second of a 43-layer model arrive while the routing, memory and
// tokens panels are open on a conversation of 100,000 tokens. Prints the main thread's time per 60 Hz tick, painting
// included. Exit status 1 when a limit is broken: 4 ms for the median tick, one frame for the 99th percentile.
#include "app/models/run_selection.h"
#include "app/panels/memory/memory_panel.h"
#include "app/panels/routing/routing_panel.h"
#include "app/panels/tokens/tokens_panel.h"
#include "tests/support/sample_run.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <numeric>

using namespace bathy;

namespace {

constexpr int kLongConversation = 100'000;
constexpr int kTicks = 240; // four seconds
constexpr int kTickMs = 16;
constexpr double kTokensPerTick = 200.0 / 60;
constexpr double kFrameLimitMs = 16.7;
constexpr double kMedianLimitMs = 4;

// Of this thread alone: other programs on the machine do not count.
double threadMs() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

double percentile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void report(const char* what, const std::vector<double>& ms) {
    std::printf("%-22s p50 %6.2f ms   p99 %6.2f ms   max %6.2f ms\n", what, percentile(ms, 0.5), percentile(ms, 0.99),
                percentile(ms, 1));
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    auto shape = testing::flashShape();
    models::RunRecorder runs;
    bridge::Selection selection;
    models::keepSelectionWithin(runs, selection);
    runs.applyAll(testing::sampleRun(shape));
    std::vector<api::Event> batch;
    QElapsedTimer filling;
    std::int64_t position = shape.prompt + shape.generated;
    double fillMs = 0;
    for (; position < kLongConversation; ++position) {
        const api::Event event = api::Records{
            testing::sampleToken(shape, GenerationId{1}, SessionId{1}, position, telemetry::TokenPhase::Generated)};
        filling.start();
        runs.apply(event);
        fillMs += static_cast<double>(filling.nsecsElapsed()) * 1e-6;
    }
    std::printf("recorder: %.1f us a token of %d layers\n", fillMs * 1000 / kLongConversation, shape.layers);

    panels::InspectorContext context{runs, selection, [&](const std::vector<std::int64_t>& contexts) {
                                         runs.apply(testing::samplePlan(shape, contexts));
                                     }};
    panels::RoutingPanel routing(context);
    panels::MemoryPanel memory(context);
    panels::TokensPanel tokens(context);
    routing.resize(640, 420);
    memory.resize(640, 380);
    tokens.resize(1400, 320);
    for (QWidget* panel :
         {static_cast<QWidget*>(&routing), static_cast<QWidget*>(&memory), static_cast<QWidget*>(&tokens)})
        panel->show();
    for (int i = 0; i < 20; ++i) {
        QApplication::processEvents();
        QThread::msleep(kTickMs);
    }

    std::vector<double> applyMs;
    std::vector<double> frameMs;
    std::vector<double> wallMs;
    double due = 0;
    for (int tick = 0; tick < kTicks; ++tick) {
        due += kTokensPerTick;
        batch.clear();
        for (; due >= 1; due -= 1)
            batch.emplace_back(api::Records{testing::sampleToken(shape, GenerationId{1}, SessionId{1}, position++,
                                                                 telemetry::TokenPhase::Generated)});
        QElapsedTimer timer;
        timer.start();
        const double begin = threadMs();
        runs.applyAll(batch);
        applyMs.push_back(threadMs() - begin);
        QApplication::processEvents();
        frameMs.push_back(threadMs() - begin);
        const auto elapsed = timer.elapsed();
        wallMs.push_back(static_cast<double>(timer.nsecsElapsed()) * 1e-6);
        if (elapsed < kTickMs)
            QThread::msleep(static_cast<unsigned long>(kTickMs - elapsed));
    }
    report("recorder per tick", applyMs);
    report("main thread per tick", frameMs);
    report("the same on the clock", wallMs);
    const double mean = std::accumulate(frameMs.begin(), frameMs.end(), 0.0) / static_cast<double>(frameMs.size());
    std::printf("mean %.2f ms a tick: %.0f %% of the main thread\n", mean, mean / kTickMs * 100);
    const bool holds = percentile(frameMs, 0.5) <= kMedianLimitMs && percentile(frameMs, 0.99) <= kFrameLimitMs;
    std::printf("limits: p50 %.1f ms, p99 %.1f ms: %s\n", kMedianLimitMs, kFrameLimitMs, holds ? "held" : "BROKEN");
    return holds ? 0 : 1;
}
