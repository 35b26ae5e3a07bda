// The engine as a command uses it: one model, one session, one request at a time, Ctrl-C wired to Cancel, every event
// offered to a listener and, when asked for, kept in a capture. Main thread.
#pragma once

#include "engine/api/engine.h"
#include "engine/cli/io.h"
#include "engine/wire/capture.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bathy::cli {

class EngineClient {
public:
    using Listener = std::function<void(const api::Event&)>;

    // Errors: Io.
    static Result<EngineClient> start(Io& io);

    // Keeps every event from now on in a file. Errors: Io.
    Result<void> capture(const std::string& path, const std::string& build);
    // Closes the capture with its index. Errors: Io, also of an earlier write that failed.
    Result<void> finishCapture();

    // Loads with a progress bar and opens the session. Errors: what the engine says; Cancelled after Ctrl-C.
    Result<void> open(const std::string& model, const api::SessionOptions& options);
    // The same with a session that goes on from a snapshot, of which it is told.
    Result<api::SessionRestored> open(const std::string& model, const api::SessionOptions& options,
                                      const std::string& snapshot);
    // Loads without opening a session. Errors: as open.
    Result<void> load(const std::string& model);
    const api::ModelCard& card() const { return m_card; }
    double loadSeconds() const { return m_loadSeconds; }

    // Runs to the end, also a cancelled one (reason Cancelled). The session keeps what it holds. The ids of the command
    // are filled in here.
    Result<api::GenerationFinished> generate(api::Generate command, const Listener& listener);
    Result<api::PromptEncoded> encode(api::Prompt prompt);
    // Keeps what the session holds. Errors: what the engine says.
    Result<api::SnapshotSaved> saveSnapshot(const std::string& folder, const std::string& name);
    Result<api::SnapshotVerified> verifySnapshot(const std::string& file);
    // What the loaded model takes of the memory with a conversation of `context` tokens.
    Result<api::MemoryPlan> planMemory(const api::SessionOptions& options, std::int64_t context);

private:
    explicit EngineClient(Io& io, std::unique_ptr<api::Engine> engine) : m_io(&io), m_engine(std::move(engine)) {}

    api::RequestId nextRequest() { return api::RequestId{++m_lastRequest}; }
    template <class Answer>
    Result<Answer> await(api::Command command, api::RequestId request, const Listener& listener);
    // With a bar of bytes.
    template <class Answer>
    Result<Answer> awaitBytes(const char* label, api::Command command, api::RequestId request);
    void keep(const api::Event& event);

    Io* m_io;
    std::unique_ptr<api::Engine> m_engine;
    std::optional<wire::CaptureWriter> m_capture;
    std::optional<Error> m_captureError;
    api::ModelCard m_card;
    double m_loadSeconds = 0;
    std::uint64_t m_lastRequest = 0;
    std::uint64_t m_lastGeneration = 0;
};

} // namespace bathy::cli
