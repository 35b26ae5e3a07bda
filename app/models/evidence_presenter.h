// Asks the engine what a token was read from, and hands the answers on. UI thread.
#pragma once

#include "app/bridge/event_pump.h"
#include "app/models/error_text.h"
#include "engine/api/commands.h"

#include <QObject>

#include <memory>

namespace bathy::bridge {
class EngineLink;
}

namespace bathy::models {

// What the engine said of one position of a session.
struct EvidenceAnswer {
    SessionId session{};
    std::int64_t position = 0;
    std::shared_ptr<const api::ProbeAnswer> probe; // null: there is none
    ErrorText problem;                             // why
};

class EvidencePresenter : public QObject {
    Q_OBJECT
public:
    // Both outlive the presenter.
    EvidencePresenter(bridge::EngineLink& link, bridge::EventPump& pump, QObject* parent = nullptr);

    // Takes the place of a question that is still open.
    void ask(SessionId session, std::int64_t position);

Q_SIGNALS:
    void answered(const bathy::models::EvidenceAnswer& answer);

private:
    void take(const std::vector<api::Event>& events);

    bridge::EngineLink& m_link;
    api::RequestId m_request{}; // 0: none is open
    SessionId m_session{};
    std::int64_t m_position = 0;
};

} // namespace bathy::models
