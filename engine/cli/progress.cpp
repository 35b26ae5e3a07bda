#include "engine/cli/progress.h"

#include "engine/cli/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace bathy::cli {
namespace {

constexpr int kBarWidth = 24;

std::string amount(ProgressUnit unit, double value) {
    switch (unit) {
    case ProgressUnit::Bytes:
        return formatBytes(static_cast<std::uint64_t>(value));
    case ProgressUnit::Tokens:
        return formatFixed(value, value < 100 ? 1 : 0) + " tokens";
    case ProgressUnit::Items:
        break;
    }
    return formatFixed(value, value < 100 ? 1 : 0);
}

} // namespace

std::string progressText(const std::string& label, ProgressUnit unit, std::uint64_t done, std::uint64_t total,
                         double seconds) {
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    const std::string speed = amount(unit, rate) + "/s";
    if (total == 0)
        return label + "  " + amount(unit, static_cast<double>(done)) + "  " + speed;
    const double share = std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    const int filled = static_cast<int>(std::lround(share * kBarWidth));
    std::string text = label + " " + padLeft(std::to_string(static_cast<int>(share * 100)), 3) + "% ";
    text += std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBarWidth - filled), '-');
    text += "  " + speed;
    if (rate > 0)
        text += "  " + formatDuration(static_cast<double>(total - std::min(done, total)) / rate) + " left";
    return text;
}

Progress::Progress(const Io& io, std::string label, ProgressUnit unit)
    : m_label(std::move(label)), m_unit(unit), m_visible(!io.options().quiet && stderrIsTerminal()) {}

Progress::~Progress() {
    if (m_drawn)
        std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
    if (!m_visible)
        return;
    const auto now = Clock::now();
    if (m_drawn && now - m_last < std::chrono::milliseconds(100))
        return;
    m_last = now;
    m_drawn = true;
    const double seconds = std::chrono::duration<double>(now - m_start).count();
    std::fputs(("\r\x1b[K" + progressText(m_label, m_unit, done, total, seconds)).c_str(), stderr);
    std::fflush(stderr);
}

} // namespace bathy::cli
