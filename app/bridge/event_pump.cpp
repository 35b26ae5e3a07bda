#include "app/bridge/event_pump.h"

#include "app/bridge/engine_link.h"

#include <algorithm>

namespace bathy::bridge {

EventPump::EventPump(EngineLink& link, QObject* parent) : QObject(parent), m_link(link) {
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &EventPump::drain);
    connect(&link, &EngineLink::eventsPending, this, &EventPump::schedule);
}

void EventPump::schedule() {
    if (m_timer.isActive())
        return;
    const auto passed = m_sinceDrain.isValid() ? m_sinceDrain.elapsed() : kIntervalMs;
    m_timer.start(static_cast<int>(std::max<qint64>(0, kIntervalMs - passed)));
}

void EventPump::drain() {
    m_sinceDrain.start();
    auto events = m_link.takeEvents();
    if (!events.empty())
        inject(std::move(events));
}

void EventPump::inject(std::vector<api::Event> events) {
    Q_EMIT eventsReady(std::make_shared<const std::vector<api::Event>>(std::move(events)));
}

} // namespace bathy::bridge
