// The engine thread's life: takes commands, asks the scheduler, runs one step at a time. Everything in here but
// post() and the event queue's consumer side belongs to the thread that calls run().
#pragma once

#include "engine/api/commands.h"
#include "engine/base/thread_owner.h"
#include "engine/runtime/command_queue.h"
#include "engine/runtime/event_queue.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/loaded_model.h"
#include "engine/runtime/probe_runner.h"
#include "engine/runtime/prompt.h"
#include "engine/runtime/recorder.h"
#include "engine/runtime/session_snapshots.h"
#include "engine/runtime/step_runner.h"

#include <list>
#include <map>
#include <memory>
#include <optional>

namespace bathy::runtime {

class EngineLoop {
public:
    // What is routed in one prefill step of 512 tokens over 61 layers fits into three quarters of it.
    static constexpr std::size_t kRingBytes = std::size_t{8} << 20U;

    explicit EngineLoop(ModelLoader loader, std::size_t ringBytes = kRingBytes);

    // Any thread.
    void post(api::Command command) { m_commands.post(std::move(command)); }
    // One consumer thread.
    EventQueue& events() { return m_events; }

    // Returns after Shutdown.
    void run();

private:
    void handle(PendingCommand pending);
    void on(const api::LoadModel& command, const std::stop_token& stop);
    void on(const api::UnloadModel& command, const std::stop_token& stop);
    void on(const api::OpenSession& command, const std::stop_token& stop);
    void on(const api::CloseSession& command, const std::stop_token& stop);
    void on(const api::EncodePrompt& command, const std::stop_token& stop);
    void on(const api::Generate& command, const std::stop_token& stop);
    void on(const api::Cancel& command, const std::stop_token& stop);
    void on(const api::SetRecording& command, const std::stop_token& stop);
    void on(const api::Probe& command, const std::stop_token& stop);
    void on(const api::PlanMemory& command, const std::stop_token& stop);
    void on(const api::ListDevices& command, const std::stop_token& stop);
    void on(const api::Shutdown& command, const std::stop_token& stop);
    void on(const api::SaveSnapshot& command, const std::stop_token& stop);
    void on(const api::RestoreSession& command, const std::stop_token& stop);
    void on(const api::VerifySnapshot& command, const std::stop_token& stop);
    void on(const api::ListSnapshots& command, const std::stop_token& stop);
    void on(const api::DeleteSnapshots& command, const std::stop_token& stop);

    bool hasWork() const { return !m_generations.empty() || !m_probes.idle(); }
    void work();
    void runGenerationStep();
    void finish(std::list<Generation>::iterator generation);
    void fail(std::list<Generation>::iterator generation, Error error);
    void remove(std::list<Generation>::iterator generation);
    void cancelAll();
    void closeModel();
    void refuse(api::RequestId request, Error error);
    Result<Session*> findSession(SessionId id);
    Result<EncodedPrompt> encodePrompt(const api::Prompt& prompt) const;
    Result<Generation> startGeneration(const api::Generate& command, Session& session, const std::stop_token& stop);
    Result<api::MemoryPlan> planMemory(const api::PlanMemory& command, const std::stop_token& stop);
    Result<void> checkNewSession(SessionId id, const api::SessionOptions& options) const;
    Result<std::unique_ptr<Session>> openSession(const api::OpenSession& command);
    // How a snapshot is coming along.
    snapshot::BlockProgress snapshotProgress(api::RequestId request);
    Result<api::SessionRestored> restoreSession(const api::RestoreSession& command, const std::stop_token& stop);

    ModelLoader m_loader;
    CommandQueue m_commands;
    EventQueue m_events;
    ThreadOwner m_owner;
    Recorder m_recorder;
    std::optional<LoadedModel> m_loaded;
    std::optional<StepRunner> m_steps; // as long as m_loaded
    std::map<std::uint64_t, std::unique_ptr<Session>> m_sessions;
    std::list<Generation> m_generations;
    ProbeRunner m_probes;
    std::uint64_t m_stepNumber = 0;
    bool m_probesTurn = false; // probes and generations take turns
    bool m_shutDown = false;
};

} // namespace bathy::runtime
