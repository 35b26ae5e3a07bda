#include "engine/cli/engine_client.h"

#include "engine/cli/model_argument.h"
#include "engine/cli/progress.h"

#include <chrono>
#include <type_traits>

namespace bathy::cli {

namespace {

constexpr SessionId kSession{1};

} // namespace

Result<EngineClient> EngineClient::start(Io& io) {
    BATHY_TRY(auto engine, api::Engine::create());
    return EngineClient(io, std::move(engine));
}

Result<void> EngineClient::capture(const std::string& path, const std::string& build) {
    BATHY_TRY(auto writer, wire::CaptureWriter::create(path, build));
    m_capture = std::move(writer);
    return {};
}

Result<void> EngineClient::finishCapture() {
    if (m_captureError)
        return *m_captureError;
    if (!m_capture)
        return {};
    auto writer = *std::exchange(m_capture, std::nullopt);
    return writer.finish();
}

void EngineClient::keep(const api::Event& event) {
    if (!m_capture || m_captureError)
        return;
    if (const auto written = m_capture->write(event); !written)
        m_captureError = written.error(); // said at the end; the answer goes on
}

template <class Answer>
Result<Answer> EngineClient::await(api::Command command, api::RequestId request, const Listener& listener) {
    m_engine->post(std::move(command));
    bool cancelSent = false;
    std::vector<api::Event> events;
    std::optional<Result<Answer>> answer;
    while (!answer && m_engine->waitEvents(events, std::chrono::milliseconds(50))) {
        for (const auto& event : events) {
            keep(event);
            if (listener)
                listener(event);
            if (const auto* failed = std::get_if<api::Failed>(&event); failed && failed->request == request)
                answer = failed->error;
            if (const auto* found = std::get_if<Answer>(&event); found && found->request == request)
                answer = *found;
        }
        events.clear();
        if (m_io->stop().stop_requested() && !std::exchange(cancelSent, true))
            m_engine->post(api::Cancel{nextRequest(), request});
    }
    if (!answer)
        return Error(ErrorCode::Internal, "the engine ended without an answer");
    return *std::move(answer);
}

template <class Answer>
Result<Answer> EngineClient::awaitBytes(const char* label, api::Command command, api::RequestId request) {
    Progress bar(*m_io, label, ProgressUnit::Bytes);
    return await<Answer>(std::move(command), request, [&](const api::Event& event) {
        if (const auto* progress = std::get_if<api::Progress>(&event))
            bar.update(progress->done, progress->total);
    });
}

Result<void> EngineClient::load(const std::string& model) {
    const auto request = nextRequest();
    const auto what = modelOptions(model, m_io->options());
    BATHY_TRY(auto loaded, awaitBytes<api::ModelLoaded>("loading", api::LoadModel{request, what}, request));
    m_card = std::move(loaded.card);
    m_loadSeconds = loaded.seconds;
    return {};
}

Result<void> EngineClient::open(const std::string& model, const api::SessionOptions& options) {
    BATHY_CHECK(load(model));
    const auto request = nextRequest();
    BATHY_CHECK(await<api::SessionOpened>(api::OpenSession{request, kSession, options}, request, {}));
    return {};
}

Result<api::SessionRestored> EngineClient::open(const std::string& model, const api::SessionOptions& options,
                                                const std::string& snapshot) {
    BATHY_CHECK(load(model));
    const auto request = nextRequest();
    return awaitBytes<api::SessionRestored>("reopening", api::RestoreSession{request, kSession, options, snapshot},
                                            request);
}

Result<api::SnapshotSaved> EngineClient::saveSnapshot(const std::string& folder, const std::string& name) {
    const auto request = nextRequest();
    return awaitBytes<api::SnapshotSaved>("saving", api::SaveSnapshot{request, kSession, folder, name}, request);
}

Result<api::SnapshotVerified> EngineClient::verifySnapshot(const std::string& file) {
    const auto request = nextRequest();
    return awaitBytes<api::SnapshotVerified>("verifying", api::VerifySnapshot{request, file}, request);
}

Result<api::GenerationFinished> EngineClient::generate(api::Generate command, const Listener& listener) {
    std::optional<Progress> bar(std::in_place, *m_io, "reading the prompt", ProgressUnit::Tokens);
    command.request = nextRequest();
    command.session = kSession;
    command.generation = GenerationId{++m_lastGeneration};
    return await<api::GenerationFinished>(command, command.request, [&](const api::Event& event) {
        if (const auto* progress = std::get_if<api::Progress>(&event); progress && bar) {
            bar->update(progress->done, progress->total);
            if (progress->done == progress->total)
                bar.reset();
        }
        if (listener)
            listener(event);
    });
}

Result<api::PromptEncoded> EngineClient::encode(api::Prompt prompt) {
    const auto request = nextRequest();
    return await<api::PromptEncoded>(api::EncodePrompt{request, std::move(prompt)}, request, {});
}

Result<api::MemoryPlan> EngineClient::planMemory(const api::SessionOptions& options, std::int64_t context) {
    const auto request = nextRequest();
    return await<api::MemoryPlan>(api::PlanMemory{request, options, {context}, {}}, request, {});
}

} // namespace bathy::cli
