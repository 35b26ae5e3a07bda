#include "engine/runtime/engine_loop.h"

#include "engine/device/registry.h"
#include "engine/model/expert_bans.h"
#include "engine/runtime/byte_meter.h"
#include "engine/runtime/conversions.h"
#include "engine/runtime/memory_planning.h"
#include "engine/telemetry/clock.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace bathy::runtime {

namespace {

Error noMemory() {
    return {ErrorCode::OutOfMemory, "there is not enough memory for this request",
            "close other programs or conversations, or use a shorter prompt"};
}

template <class Step>
Result<void> guarded(const Step& step) {
    try {
        return step();
    } catch (const std::bad_alloc&) {
        return noMemory();
    }
}

} // namespace

EngineLoop::EngineLoop(ModelLoader loader, std::size_t ringBytes)
    : m_loader(std::move(loader)), m_events(ringBytes), m_recorder(m_events) {}

void EngineLoop::run() {
    m_owner.check();
    while (!m_shutDown) {
        const auto wait = hasWork() ? CommandQueue::Wait::No : CommandQueue::Wait::Yes;
        if (auto command = m_commands.take(wait))
            handle(*std::move(command));
        else
            work();
    }
    closeModel();
    m_events.close();
}

void EngineLoop::handle(PendingCommand pending) {
    std::visit(
        [&](const auto& command) {
            try {
                on(command, pending.stop);
            } catch (const std::bad_alloc&) { // how much is wanted is up to the caller
                m_commands.finished(command.request);
                refuse(command.request, noMemory());
            }
        },
        pending.command);
}

// ---- the model -----------------------------------------------------------------------------------------------------

void EngineLoop::on(const api::LoadModel& command, const std::stop_token& stop) {
    closeModel();
    const ByteMeter meter(telemetry::nowNs());
    const auto progress = [&](std::uint64_t done, std::uint64_t total) {
        m_events.post(meter.progress(command.request, api::Stage::Load, done, total));
    };
    auto loaded = m_loader(command.options, progress, stop);
    m_commands.finished(command.request);
    if (!loaded)
        return refuse(command.request, loaded.error());
    m_loaded.emplace(*std::move(loaded));
    m_steps.emplace(*m_loaded, m_events, m_recorder);
    m_events.post(api::ModelLoaded{command.request, m_loaded->card, meter.seconds()});
}

void EngineLoop::on(const api::UnloadModel& command, const std::stop_token& /*stop*/) {
    closeModel();
    m_events.post(api::ModelUnloaded{command.request});
}

void EngineLoop::closeModel() {
    cancelAll();
    m_sessions.clear();
    m_steps.reset();
    m_loaded.reset();
}

void EngineLoop::on(const api::PlanMemory& command, const std::stop_token& stop) {
    auto plan = planMemory(command, stop);
    m_commands.finished(command.request);
    if (!plan)
        return refuse(command.request, plan.error());
    m_events.post(*std::move(plan));
}

Result<api::MemoryPlan> EngineLoop::planMemory(const api::PlanMemory& command, const std::stop_token& stop) {
    if (!command.model.path.empty())
        return planMemoryOnDisk(command, stop);
    if (!m_loaded)
        return Error(ErrorCode::BadArgument, "no model is loaded", "load one first, or name one");
    return m_loaded->planMemory(command);
}

void EngineLoop::on(const api::ListDevices& command, const std::stop_token& /*stop*/) {
    api::DeviceList list{command.request, {}};
    for (const auto& device : device::listDevices())
        list.devices.push_back(deviceCard(device));
    m_events.post(std::move(list));
}

// ---- sessions ------------------------------------------------------------------------------------------------------

void EngineLoop::on(const api::OpenSession& command, const std::stop_token& /*stop*/) {
    auto session = openSession(command);
    if (!session)
        return refuse(command.request, session.error());
    const auto& state = *(*session)->state;
    m_events.post(api::SessionOpened{command.request, command.session, state.kvFormat(), state.contextLimit()});
    m_sessions.emplace(raw(command.session), *std::move(session));
}

Result<void> EngineLoop::checkNewSession(SessionId id, const api::SessionOptions& options) const {
    if (!m_loaded)
        return Error(ErrorCode::BadArgument, "no model is loaded", "load one first");
    if (raw(id) == 0 || m_sessions.contains(raw(id)))
        return Error(ErrorCode::BadArgument, "session id " + std::to_string(raw(id)) + " is taken or not allowed");
    if (options.prefillChunk < 1)
        return Error(ErrorCode::BadArgument, "a prefill step must take at least one token");
    return {};
}

Result<std::unique_ptr<Session>> EngineLoop::openSession(const api::OpenSession& command) {
    BATHY_CHECK(checkNewSession(command.session, command.options));
    auto session = std::make_unique<Session>();
    session->id = command.session;
    session->prefillChunk = prefillChunk(command.options);
    BATHY_TRY(session->state, m_loaded->model->createState(stateOptions(command.options)));
    return session;
}

void EngineLoop::on(const api::CloseSession& command, const std::stop_token& /*stop*/) {
    const auto session = findSession(command.session);
    if (!session)
        return refuse(command.request, session.error());
    for (auto it = m_generations.begin(); it != m_generations.end();) {
        const auto generation = it++;
        if (generation->session != *session)
            continue;
        generation->finish(api::FinishReason::Cancelled);
        finish(generation);
    }
    m_sessions.erase(raw(command.session));
    m_events.post(api::SessionClosed{command.request, command.session});
}

Result<Session*> EngineLoop::findSession(SessionId id) {
    const auto found = m_sessions.find(raw(id));
    if (found == m_sessions.end())
        return Error(ErrorCode::BadArgument, "no session has the id " + std::to_string(raw(id)));
    return found->second.get();
}

// ---- prompts and generations ---------------------------------------------------------------------------------------

Result<EncodedPrompt> EngineLoop::encodePrompt(const api::Prompt& prompt) const {
    if (!m_loaded)
        return Error(ErrorCode::BadArgument, "no model is loaded", "load one first");
    const PromptEncoder encoder{m_loaded->tokenizer ? &*m_loaded->tokenizer : nullptr, m_loaded->chatFormat,
                                m_loaded->model->vocabularySize()};
    return encoder.encode(prompt);
}

void EngineLoop::on(const api::EncodePrompt& command, const std::stop_token& /*stop*/) {
    auto prompt = encodePrompt(command.prompt);
    m_commands.finished(command.request);
    if (!prompt)
        return refuse(command.request, prompt.error());
    api::PromptEncoded answer{command.request, std::move(prompt->tokens), std::move(prompt->messages), {}};
    if (m_loaded->tokenizer)
        for (const auto token : answer.tokens)
            answer.texts.emplace_back(m_loaded->tokenizer->tokenBytes(token));
    m_events.post(std::move(answer));
}

void EngineLoop::on(const api::Generate& command, const std::stop_token& stop) {
    auto session = findSession(command.session);
    if (!session)
        return refuse(command.request, session.error());
    auto generation = startGeneration(command, **session, stop);
    if (!generation) {
        m_commands.finished(command.request);
        return refuse(command.request, generation.error());
    }
    (*session)->busy = true;
    m_generations.push_back(*std::move(generation));
}

Result<Generation> EngineLoop::startGeneration(const api::Generate& command, Session& session,
                                               const std::stop_token& stop) {
    if (session.busy)
        return Error(ErrorCode::Busy, "the session already answers another request", "stop that one first");
    if (raw(command.generation) == 0)
        return Error(ErrorCode::BadArgument, "generation id 0 is not allowed");
    BATHY_CHECK(model::checkBans(*m_loaded->model, command.bannedExperts));
    if (command.speculate < api::kSpeculateAuto || command.speculate > api::kMostGuesses)
        return Error(ErrorCode::BadArgument, "cannot guess " + std::to_string(command.speculate) +
                                                 " tokens ahead; the limit is " + std::to_string(api::kMostGuesses));
    auto options = samplerOptions(command.sampling);
    if (options.seed == 0)
        options.seed = sampler::drawSeed();
    if (m_loaded->tokenizer)
        for (std::int64_t id = 0; id < m_loaded->model->vocabularySize(); ++id)
            if (!m_loaded->tokenizer->contains(static_cast<TokenId>(id)))
                options.banned.push_back(static_cast<TokenId>(id)); // rows that only pad the vocabulary
    const auto seed = options.seed;
    BATHY_TRY(auto sampler, sampler::Sampler::create(std::move(options)));
    BATHY_TRY(auto prompt, encodePrompt(command.prompt));
    if (prompt.tokens.empty())
        return Error(ErrorCode::BadArgument, "the prompt has no tokens");
    const auto* tokenizer = m_loaded->tokenizer ? &*m_loaded->tokenizer : nullptr;
    if (tokenizer != nullptr && std::holds_alternative<api::ChatPrompt>(command.prompt))
        adoptHeldTokens(session.tokens, *tokenizer, prompt);
    const auto promptTokens = static_cast<std::int64_t>(prompt.tokens.size());
    if (promptTokens >= session.state->contextLimit())
        return Error(ErrorCode::ContextFull,
                     "the prompt has " + std::to_string(promptTokens) + " tokens; the session holds " +
                         std::to_string(session.state->contextLimit()),
                     "shorten the conversation or take a document away");
    auto bans = command.bannedExperts;
    std::sort(bans.begin(), bans.end());
    bans.erase(std::unique(bans.begin(), bans.end()), bans.end());
    const auto reused = session.reuse(prompt.tokens, bans);
    auto checkpoints = checkpointPositions(prompt, reused);
    Generation generation{command.generation,
                          command.request,
                          &session,
                          stop,
                          std::move(prompt.tokens),
                          std::move(checkpoints),
                          reused,
                          std::max<std::int64_t>(0, command.sampling.maxTokens),
                          m_loaded->model->drafts() ? command.speculate : api::kSpeculateOff,
                          std::move(sampler),
                          TextStream(tokenizer, prompt.reasoning, command.sampling.stop)};
    generation.startedNs = telemetry::nowNs();
    m_events.post(api::GenerationStarted{command.request, command.generation, command.session, promptTokens, reused,
                                         seed, std::move(prompt.messages), std::move(bans)});
    return generation;
}

void EngineLoop::on(const api::Cancel& /*command*/, const std::stop_token& /*stop*/) {
    // Its stop source was asked when the command was posted; being taken here has ended the wait for commands.
}

void EngineLoop::on(const api::SetRecording& command, const std::stop_token& /*stop*/) {
    m_recorder.setRecording(command.routing, command.spans);
}

void EngineLoop::on(const api::Probe& command, const std::stop_token& stop) {
    const auto add = [&]() -> Result<std::vector<api::RequestId>> {
        BATHY_TRY(const auto* session, findSession(command.session));
        return m_probes.add(command, stop, *session, *m_loaded->model);
    };
    const auto dropped = add();
    if (!dropped) {
        m_commands.finished(command.request);
        return refuse(command.request, dropped.error());
    }
    for (const auto request : *dropped)
        m_commands.finished(request);
}

void EngineLoop::on(const api::Shutdown& /*command*/, const std::stop_token& /*stop*/) {
    m_shutDown = true;
}

// ---- work ----------------------------------------------------------------------------------------------------------

void EngineLoop::work() {
    m_probesTurn = !m_probes.idle() && (m_generations.empty() || !m_probesTurn);
    if (!m_probesTurn)
        return runGenerationStep();
    if (auto outcome = m_probes.step(*m_loaded->model, m_commands.beginStep())) {
        m_commands.finished(outcome->request);
        if (!outcome->answer)
            return refuse(outcome->request, outcome->answer.error());
        std::vector<TokenId> named;
        for (const auto& alternative : outcome->answer->logits)
            named.push_back(alternative.token);
        m_steps->tellTexts(named);
        m_events.post(*std::move(outcome->answer));
    }
}

void EngineLoop::runGenerationStep() {
    std::vector<Work> work;
    for (const auto& generation : m_generations)
        work.push_back(generation.work());
    const auto plan = schedule(work);
    const auto generation = std::find_if(m_generations.begin(), m_generations.end(),
                                         [&](const Generation& g) { return g.id == plan.generation; });
    if (plan.kind == StepKind::Idle || generation == m_generations.end())
        return;
    if (plan.kind == StepKind::Finish)
        return finish(generation);
    generation->lastServed = ++m_stepNumber;
    const auto stop = m_commands.beginStep();
    const auto result = guarded([&] {
        return plan.kind == StepKind::Prefill ? m_steps->prefill(*generation, plan.tokens, stop)
                                              : m_steps->decode(*generation, stop);
    });
    // A cancelled step has changed nothing: either its generation is found stopping next, or it is simply planned
    // again.
    if (!result && !result.error().isCancelled())
        fail(generation, result.error());
}

void EngineLoop::finish(std::list<Generation>::iterator generation) {
    auto& g = *generation;
    if (!g.done)
        g.finish(api::FinishReason::Cancelled);
    const auto lastPosition =
        static_cast<Position>(static_cast<std::int64_t>(g.prompt.size() + g.generated.size()) - 1);
    for (auto& delta : g.text.finish())
        m_events.post(api::TextDelta{g.id, lastPosition, delta.reasoning, std::move(delta.text)});
    const auto now = telemetry::nowNs();
    const auto seconds = [](std::int64_t from, std::int64_t to) {
        return from > 0 && to > from ? static_cast<double>(to - from) * 1e-9 : 0.0;
    };
    api::GenerationFinished event;
    event.request = g.request;
    event.generation = g.id;
    event.reason = g.reason;
    event.promptTokens = static_cast<std::int64_t>(g.prompt.size());
    event.reusedTokens = g.reused;
    event.generatedTokens = std::ssize(g.generated);
    event.prefillSeconds = seconds(g.prefillBeganNs, g.firstTokenNs > 0 ? g.firstTokenNs : now);
    event.decodeSeconds = seconds(g.firstTokenNs, now);
    event.firstTokenSeconds = seconds(g.startedNs, g.firstTokenNs);
    event.speculation = g.speculation;
    event.tokens = g.generated;
    event.text = g.text.text();
    event.reasoning = g.text.reasoningText();
    m_events.post(std::move(event));
    remove(generation);
}

void EngineLoop::fail(std::list<Generation>::iterator generation, Error error) {
    refuse(generation->request, std::move(error));
    remove(generation);
}

void EngineLoop::remove(std::list<Generation>::iterator generation) {
    m_commands.finished(generation->request);
    generation->session->busy = false;
    m_generations.erase(generation);
}

void EngineLoop::cancelAll() {
    while (!m_generations.empty()) {
        m_generations.front().finish(api::FinishReason::Cancelled);
        finish(m_generations.begin());
    }
    for (const auto request : m_probes.clear()) {
        m_commands.finished(request);
        refuse(request, cancelled());
    }
}

void EngineLoop::refuse(api::RequestId request, Error error) {
    m_events.post(api::Failed{request, std::move(error)});
}

} // namespace bathy::runtime
