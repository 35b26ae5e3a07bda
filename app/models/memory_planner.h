// Asks the engine what a model would take of the memory, loaded or not, and keeps the newest answer. UI thread.
#pragma once

#include "app/bridge/event_pump.h"
#include "app/models/error_text.h"
#include "engine/api/events.h"

#include <QObject>

#include <optional>

namespace bathy::bridge {
class EngineLink;
}

namespace bathy::models {

class MemoryPlanner : public QObject {
    Q_OBJECT
public:
    // Both outlive the planner.
    MemoryPlanner(bridge::EngineLink& link, bridge::EventPump& pump, QObject* parent = nullptr);

    // The model at `path`, with a conversation of `context` tokens. What was asked before is forgotten.
    void ask(const QString& path, qint64 context, KvFormat format, qint64 reserveBytes);

    const std::optional<api::MemoryPlan>& plan() const { return m_plan; } // with one context
    const ErrorText& failure() const { return m_failure; }                // where there is no plan
    bool isWaiting() const { return m_request != api::RequestId{}; }

Q_SIGNALS:
    void changed();

private:
    void take(const std::vector<api::Event>& events);

    bridge::EngineLink& m_link;
    api::RequestId m_request{};
    std::optional<api::MemoryPlan> m_plan;
    ErrorText m_failure;
};

} // namespace bathy::models
