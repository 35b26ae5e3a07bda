#include "app/shell/overlay/performance_page.h"

#include <imgui.h>

#include <algorithm>

namespace bathy::shell {
namespace {

constexpr double kSampleSeconds = 1.0;
constexpr double kMiB = 1024.0 * 1024.0;

double perSecond(std::uint64_t count, double seconds) {
    return static_cast<double>(count) / seconds;
}

} // namespace

PerformancePage::PerformancePage(std::function<const models::EngineStats&()> stats) : m_stats(std::move(stats)) {}

void PerformancePage::sample(const models::EngineStats& now) {
    const auto time = Clock::now();
    if (m_lastFrame != Clock::time_point{}) {
        m_frameMs[static_cast<std::size_t>(m_next)] =
            std::chrono::duration<float, std::milli>(time - m_lastFrame).count();
        m_next = (m_next + 1) % kFrames;
    }
    m_lastFrame = time;
    if (m_lastSample == Clock::time_point{}) {
        m_lastSample = time;
        m_before = now;
    }
    const double passed = std::chrono::duration<double>(time - m_lastSample).count();
    if (passed < kSampleSeconds)
        return;
    m_delta.events = now.events - m_before.events;
    m_delta.records = now.records - m_before.records;
    m_delta.tokens = now.tokens - m_before.tokens;
    for (std::size_t i = 0; i < now.spans.size(); ++i) {
        m_delta.spans[i] = now.spans[i];
        m_delta.spans[i].count -= m_before.spans[i].count;
        m_delta.spans[i].totalNs -= m_before.spans[i].totalNs;
    }
    m_deltaSeconds = passed;
    m_before = now;
    m_lastSample = time;
}

void PerformancePage::draw(double overlayMs) {
    const auto& now = m_stats();
    sample(now);
    const auto& io = ImGui::GetIO();
    ImGui::SetNextWindowPos(ImVec2(0, 0));
    ImGui::SetNextWindowSize(io.DisplaySize);
    ImGui::SetNextWindowBgAlpha(0.86F);
    ImGui::Begin("Bathyscope, seen from inside (F12 closes)", nullptr,
                 ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse);
    drawFrames(overlayMs);
    drawEvents(now);
    drawMemory(now);
    drawSpans();
    ImGui::End();
}

void PerformancePage::drawFrames(double overlayMs) const {
    const auto worst = *std::max_element(m_frameMs.begin(), m_frameMs.end());
    ImGui::Text("Longest gap of the last %d frames: %.1f ms; this pane costs %.1f ms", kFrames,
                static_cast<double>(worst), overlayMs);
    ImGui::PlotLines("##frames", m_frameMs.data(), kFrames, m_next, "ms between frames, 33 when nothing is late", 0,
                     100, ImVec2(-1, 60));
}

void PerformancePage::drawEvents(const models::EngineStats& now) const {
    ImGui::Separator();
    ImGui::Text("Events %.0f/s, records %.0f/s, tokens %.1f/s", perSecond(m_delta.events, m_deltaSeconds),
                perSecond(m_delta.records, m_deltaSeconds), perSecond(m_delta.tokens, m_deltaSeconds));
    ImGui::Text("Dropped since the start: routing %llu, spans %llu",
                static_cast<unsigned long long>(now.drops.droppedRouting),
                static_cast<unsigned long long>(now.drops.droppedSpans));
    const float fill = now.drops.ringCapacity
                           ? static_cast<float>(now.drops.ringUsed) / static_cast<float>(now.drops.ringCapacity)
                           : 0;
    ImGui::ProgressBar(fill, ImVec2(-1, 0), "event ring");
}

void PerformancePage::drawMemory(const models::EngineStats& now) const {
    ImGui::Separator();
    ImGui::Text("Engine process: resident %.1f MiB, weights mapped %.1f MiB, scratch %.1f MiB",
                static_cast<double>(now.memory.residentBytes) / kMiB,
                static_cast<double>(now.memory.weightsMappedBytes) / kMiB,
                static_cast<double>(now.memory.scratchBytes) / kMiB);
}

void PerformancePage::drawSpans() const {
    ImGui::Separator();
    ImGui::TextUnformatted("Where the engine's time went in the last second");
    if (!ImGui::BeginTable("spans", 4, ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY | ImGuiTableFlags_BordersInnerV))
        return;
    ImGui::TableSetupScrollFreeze(0, 1);
    for (const char* title : {"span", "count", "ms", "mean, us"})
        ImGui::TableSetupColumn(title);
    ImGui::TableHeadersRow();
    for (int kind = 0; kind < models::kSpanKinds; ++kind) {
        const auto& span = m_delta.spans[static_cast<std::size_t>(kind)];
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(models::spanName(kind));
        ImGui::TableNextColumn();
        ImGui::Text("%llu", static_cast<unsigned long long>(span.count));
        ImGui::TableNextColumn();
        ImGui::Text("%.2f", static_cast<double>(span.totalNs) / 1e6);
        ImGui::TableNextColumn();
        ImGui::Text("%.1f",
                    span.count ? static_cast<double>(span.totalNs) / static_cast<double>(span.count) / 1e3 : 0.0);
    }
    ImGui::EndTable();
}

} // namespace bathy::shell
