// The conversation with the engine in api terms: commands go out with fresh request ids, events come in and wait until
// the event pump takes them. When the engine dies, every command that was still open is answered with
// Failed{HostDied}, in the same stream. UI thread.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/wire/wire.h"

#include <QObject>
#include <QString>

#include <set>
#include <vector>

namespace bathy::bridge {

class EngineProcess;

class EngineLink : public QObject {
    Q_OBJECT
public:
    enum class State { Stopped, Running, Dead };
    Q_ENUM(State)

    // `process` outlives the link.
    explicit EngineLink(EngineProcess& process, QObject* parent = nullptr);

    State state() const { return m_state; }
    const QString& deathReason() const { return m_deathReason; } // valid in State::Dead

    void start(); // also after death: a new engine, without model and sessions
    void stop();

    // Sends the command under a fresh request id and returns that id. Without a living engine the answer is
    // Failed{HostDied}, delivered like any other event.
    template <class C>
    api::RequestId post(C command) {
        command.request = freshRequest();
        send(api::Command(std::move(command)), command.request);
        return command.request;
    }
    void cancel(api::RequestId target) { post(api::Cancel{{}, target}); }

    // Unique for every engine this object starts. Generations start from the clock: their events are kept with answers
    // and must not meet those of another day.
    SessionId freshSession() { return SessionId(++m_lastSession); }
    GenerationId freshGeneration() { return GenerationId(++m_lastGeneration); }

    bool hasEvents() const { return !m_events.empty(); }
    std::vector<api::Event> takeEvents() { return std::exchange(m_events, {}); }

Q_SIGNALS:
    void stateChanged(bathy::bridge::EngineLink::State state);
    void eventsPending(); // each time some were added

private:
    api::RequestId freshRequest() { return api::RequestId(++m_lastRequest); }
    void send(const api::Command& command, api::RequestId request);
    void receive(const QByteArray& bytes);
    void failOpenRequests(const Error& error);
    void lose(const QString& reason);
    void setState(State state);

    EngineProcess& m_process;
    State m_state = State::Stopped;
    QString m_deathReason;
    wire::EventDecoder m_decoder;
    std::vector<api::Event> m_events;
    std::set<api::RequestId> m_open; // asked and not yet answered for good
    std::uint64_t m_lastRequest = 0;
    std::uint64_t m_lastSession = 0;
    std::uint64_t m_lastGeneration;
};

} // namespace bathy::bridge
