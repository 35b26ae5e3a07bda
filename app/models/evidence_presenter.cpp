#include "app/models/evidence_presenter.h"

#include "app/bridge/engine_link.h"

#include <utility>

namespace bathy::models {
namespace {

constexpr std::uint32_t kTag = 7; // of this window's probes: the newest one counts
constexpr int kMostEntries = 2048;

} // namespace

EvidencePresenter::EvidencePresenter(bridge::EngineLink& link, bridge::EventPump& pump, QObject* parent)
    : QObject(parent), m_link(link) {
    connect(&pump, &bridge::EventPump::eventsReady, this, [this](const bridge::EventBatch& batch) { take(*batch); });
}

void EvidencePresenter::ask(SessionId session, std::int64_t position) {
    m_session = session;
    m_position = position;
    m_request = m_link.post(
        api::Probe{{}, kTag, session, api::ProbeKind::Evidence, Position{position}, LayerId{0}, kMostEntries});
}

void EvidencePresenter::take(const std::vector<api::Event>& events) {
    for (const auto& event : events) {
        EvidenceAnswer answer{m_session, m_position, nullptr, {}};
        if (const auto* probe = std::get_if<api::ProbeAnswer>(&event); probe && probe->request == m_request) {
            answer.probe = std::make_shared<const api::ProbeAnswer>(*probe);
        } else if (const auto* failed = std::get_if<api::Failed>(&event);
                   failed && failed->request == m_request && m_request != api::RequestId{}) {
            answer.problem = describe(failed->error);
        } else {
            continue;
        }
        m_request = {};
        Q_EMIT answered(answer);
    }
}

} // namespace bathy::models
