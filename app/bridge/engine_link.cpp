#include "app/bridge/engine_link.h"

#include "app/bridge/engine_process.h"

#include <QCoreApplication>
#include <QDateTime>

namespace bathy::bridge {
namespace {

// Commands that no event answers.
bool isAnswered(const api::Command& command) {
    return !std::holds_alternative<api::Cancel>(command) && !std::holds_alternative<api::SetRecording>(command) &&
           !std::holds_alternative<api::Shutdown>(command);
}

// The request that an event answers for good; 0 for events that more will follow.
api::RequestId closes(const api::Event& event) {
    return std::visit(
        [](const auto& e) -> api::RequestId {
            using E = std::decay_t<decltype(e)>;
            if constexpr (std::same_as<E, api::Progress> || std::same_as<E, api::GenerationStarted>)
                return {};
            else if constexpr (requires { e.request; })
                return e.request;
            else
                return {};
        },
        event);
}

QByteArray toQt(const wire::Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())};
}

} // namespace

EngineLink::EngineLink(EngineProcess& process, QObject* parent)
    : QObject(parent), m_process(process),
      m_lastGeneration(static_cast<std::uint64_t>(QDateTime::currentMSecsSinceEpoch()) << 16U) {
    connect(&process, &EngineProcess::bytesArrived, this, &EngineLink::receive);
    connect(&process, &EngineProcess::died, this, &EngineLink::lose);
}

void EngineLink::start() {
    if (m_state == State::Running)
        return;
    m_decoder = {};
    m_deathReason.clear();
    setState(State::Running);
    m_process.start();
    const wire::Hello hello{wire::kProtocolVersion, wire::Role::Client,
                            QCoreApplication::applicationVersion().toStdString()};
    if (const auto frame = wire::encode(hello))
        m_process.write(toQt(*frame));
}

void EngineLink::stop() {
    m_process.stop();
    failOpenRequests(cancelled());
    setState(State::Stopped);
}

void EngineLink::send(const api::Command& command, api::RequestId request) {
    if (isAnswered(command))
        m_open.insert(request);
    if (m_state != State::Running)
        return failOpenRequests(Error(ErrorCode::HostDied, "the engine is not running"));
    if (const auto frame = wire::encode(command)) {
        m_process.write(toQt(*frame));
    } else if (m_open.erase(request) > 0) {
        m_events.emplace_back(api::Failed{request, frame.error()});
        Q_EMIT eventsPending();
    }
}

void EngineLink::receive(const QByteArray& bytes) {
    if (m_state != State::Running)
        return;
    m_decoder.feed({reinterpret_cast<const std::uint8_t*>(bytes.constData()), static_cast<std::size_t>(bytes.size())});
    for (;;) {
        auto event = m_decoder.next();
        if (!event) {
            m_process.stop();
            return lose(tr("the engine sent something that cannot be read: %1")
                            .arg(QString::fromStdString(event.error().what())));
        }
        if (!event->has_value())
            break;
        m_open.erase(closes(**event));
        m_events.push_back(std::move(**event));
    }
    if (!m_events.empty())
        Q_EMIT eventsPending();
}

void EngineLink::failOpenRequests(const Error& error) {
    if (m_open.empty())
        return;
    for (const auto request : std::exchange(m_open, {}))
        m_events.emplace_back(api::Failed{request, error});
    Q_EMIT eventsPending();
}

void EngineLink::lose(const QString& reason) {
    m_deathReason = reason;
    failOpenRequests(Error(ErrorCode::HostDied, reason.toStdString()));
    setState(State::Dead);
}

void EngineLink::setState(State state) {
    if (state == m_state)
        return;
    m_state = state;
    Q_EMIT stateChanged(state);
}

} // namespace bathy::bridge
