#include "app/models/memory_planner.h"

#include "app/bridge/engine_link.h"

namespace bathy::models {

MemoryPlanner::MemoryPlanner(bridge::EngineLink& link, bridge::EventPump& pump, QObject* parent)
    : QObject(parent), m_link(link) {
    connect(&pump, &bridge::EventPump::eventsReady, this, [this](const bridge::EventBatch& batch) { take(*batch); });
}

void MemoryPlanner::ask(const QString& path, qint64 context, KvFormat format, qint64 reserveBytes) {
    if (isWaiting())
        m_link.cancel(m_request);
    m_link.start();
    api::PlanMemory command;
    command.options.kvFormat = format;
    command.options.precision = format == KvFormat::F32 ? Precision::Exact : Precision::Fast;
    command.contexts = {context};
    command.model.path = path.toStdString();
    command.model.reserveBytes = reserveBytes;
    m_request = m_link.post(std::move(command));
}

void MemoryPlanner::take(const std::vector<api::Event>& events) {
    for (const auto& event : events) {
        const auto* plan = std::get_if<api::MemoryPlan>(&event);
        const auto* failed = std::get_if<api::Failed>(&event);
        if (plan && plan->request == m_request && isWaiting()) {
            m_plan = *plan;
            m_failure = {};
        } else if (failed && failed->request == m_request && isWaiting()) {
            m_plan.reset();
            m_failure = describe(failed->error);
        } else {
            continue;
        }
        m_request = {};
        Q_EMIT changed();
    }
}

} // namespace bathy::models
