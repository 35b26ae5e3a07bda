// What the engine thread does with snapshots.
#include "engine/runtime/byte_meter.h"
#include "engine/runtime/conversions.h"
#include "engine/runtime/engine_loop.h"

namespace bathy::runtime {

snapshot::BlockProgress EngineLoop::snapshotProgress(api::RequestId request) {
    return [this, request, meter = ByteMeter(telemetry::nowNs())](std::uint64_t done, std::uint64_t total) {
        m_events.post(meter.progress(request, api::Stage::Snapshot, done, total));
    };
}

void EngineLoop::on(const api::SaveSnapshot& command, const std::stop_token& stop) {
    const auto save = [&]() -> Result<api::SnapshotSaved> {
        BATHY_TRY(auto* session, findSession(command.session));
        return saveSession(*m_loaded, *session, command, stop, snapshotProgress(command.request));
    };
    const auto saved = save();
    m_commands.finished(command.request);
    if (!saved)
        return refuse(command.request, saved.error());
    m_events.post(*saved);
}

Result<api::SessionRestored> EngineLoop::restoreSession(const api::RestoreSession& command,
                                                        const std::stop_token& stop) {
    BATHY_CHECK(checkNewSession(command.session, command.options));
    auto session = std::make_unique<Session>();
    session->id = command.session;
    session->prefillChunk = prefillChunk(command.options);
    BATHY_TRY(const auto restored,
              runtime::restoreSession(*m_loaded, *session, command, stop, snapshotProgress(command.request)));
    m_sessions.emplace(raw(command.session), std::move(session));
    return restored;
}

void EngineLoop::on(const api::RestoreSession& command, const std::stop_token& stop) {
    const auto restored = restoreSession(command, stop);
    m_commands.finished(command.request);
    if (!restored)
        return refuse(command.request, restored.error());
    m_steps->tellTexts(restored->held);
    m_events.post(*restored);
}

void EngineLoop::on(const api::VerifySnapshot& command, const std::stop_token& stop) {
    const auto verify = [&]() -> Result<api::SnapshotVerified> {
        if (!m_loaded)
            return Error(ErrorCode::BadArgument, "no model is loaded", "load one first");
        return verifySnapshot(*m_loaded, command, stop, snapshotProgress(command.request));
    };
    const auto verified = verify();
    m_commands.finished(command.request);
    if (!verified)
        return refuse(command.request, verified.error());
    m_events.post(*verified);
}

void EngineLoop::on(const api::ListSnapshots& command, const std::stop_token&) {
    const auto list = listSnapshots(command);
    m_commands.finished(command.request);
    if (!list)
        return refuse(command.request, list.error());
    m_events.post(*list);
}

void EngineLoop::on(const api::DeleteSnapshots& command, const std::stop_token&) {
    const auto deleted = deleteSnapshots(command);
    m_commands.finished(command.request);
    if (!deleted)
        return refuse(command.request, deleted.error());
    m_events.post(*deleted);
}

} // namespace bathy::runtime
