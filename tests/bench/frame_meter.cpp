#include "tests/bench/frame_meter.h"

#include <QEvent>
#include <QThread>
#include <QWidget>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <numeric>

namespace bathy::bench {
namespace {

constexpr std::int64_t kDisplayNs = 1'000'000'000 / 60;
constexpr const char* kOwnNames = "bathy::";

std::int64_t nowNs() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

double percentile(std::vector<double> values, double share) {
    if (values.empty())
        return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

void printTimes(const std::string& what, const std::vector<double>& ms) {
    std::printf("%-34s p50 %6.2f ms   p99 %6.2f ms   max %6.2f ms   n %zu\n", what.c_str(), percentile(ms, 0.5),
                percentile(ms, 0.99), percentile(ms, 1), ms.size());
}

void MeteredApplication::begin() {
    m_frameMs = 0;
    m_frameParts.clear();
    m_frames.clear();
    m_parts.clear();
    m_measuring = true;
}

// Painting belongs to the view that is painted, all else to the first of our own objects that owns the receiver.
std::string MeteredApplication::partOf(const QObject* receiver, const QEvent& event) const {
    if (event.type() == QEvent::SockAct)
        return "wire: read and decode";
    if (event.type() == QEvent::UpdateRequest)
        return "paint: window";
    const QObject* owner = receiver;
    while (owner && std::strncmp(owner->metaObject()->className(), kOwnNames, std::strlen(kOwnNames)) != 0)
        owner = owner->parent();
    const std::string name = owner ? owner->metaObject()->className() + std::strlen(kOwnNames) : "Qt";
    return (event.type() == QEvent::Paint ? "paint: " : "") + name;
}

bool MeteredApplication::notify(QObject* receiver, QEvent* event) {
    // Other threads' events come through here as well.
    if (QThread::currentThread() != thread() || !m_measuring)
        return QApplication::notify(receiver, event);
    // The receiver may not survive the event, and layout requests change into other things on the way.
    const auto part = partOf(receiver, *event);
    const auto* widget = qobject_cast<QWidget*>(receiver);
    const bool isPicture = event->type() == QEvent::UpdateRequest && widget && widget->isWindow();
    const auto began = nowNs();
    m_inner.push_back(0);
    const bool result = QApplication::notify(receiver, event);
    const auto whole = nowNs() - began;
    const auto inner = m_inner.back();
    m_inner.pop_back();
    m_frameParts[part] += static_cast<double>(whole - inner) * 1e-6;
    if (!m_inner.empty()) {
        m_inner.back() += whole;
        return result;
    }
    m_frameMs += static_cast<double>(whole) * 1e-6;
    if (isPicture && began + whole - m_frameEndNs >= kDisplayNs) {
        m_frameEndNs = began + whole;
        closeFrame();
    }
    return result;
}

void MeteredApplication::closeFrame() {
    m_frames.push_back(std::exchange(m_frameMs, 0));
    for (const auto& [part, ms] : m_frameParts)
        m_parts[part].push_back(ms);
    m_frameParts.clear();
}

void MeteredApplication::printParts() const {
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [part, ms] : m_parts)
        order.emplace_back(std::accumulate(ms.begin(), ms.end(), 0.0), part);
    std::sort(order.rbegin(), order.rend());
    for (const auto& [sum, part] : order)
        if (sum > 0.01 * static_cast<double>(m_frames.size())) // a hundredth of a millisecond a frame
            printTimes("  " + part, m_parts.at(part));
}

} // namespace bathy::bench
