// What the overlay shows: how late the window's thread is, how many events arrive, what was dropped, where the engine's
// time goes, memory. UI thread; called between ImGui's NewFrame and Render.
#pragma once

#include "app/models/engine_stats.h"

#include <array>
#include <chrono>
#include <functional>

namespace bathy::shell {

class PerformancePage {
public:
    // `stats` gives the running sums; asked once a frame.
    explicit PerformancePage(std::function<const models::EngineStats&()> stats);

    void draw(double overlayMs);

private:
    using Clock = std::chrono::steady_clock;
    static constexpr int kFrames = 180;

    void sample(const models::EngineStats& now);
    void drawFrames(double overlayMs) const;
    void drawEvents(const models::EngineStats& now) const;
    void drawSpans() const;
    void drawMemory(const models::EngineStats& now) const;

    std::function<const models::EngineStats&()> m_stats;
    std::array<float, kFrames> m_frameMs{}; // ring: time between two frames of the overlay
    int m_next = 0;
    Clock::time_point m_lastFrame{};
    Clock::time_point m_lastSample{};
    models::EngineStats m_before; // at the last sample
    models::EngineStats m_delta;  // over the last full second
    double m_deltaSeconds = 1.0;
};

} // namespace bathy::shell
