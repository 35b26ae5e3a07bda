#include "app/models/run_recorder.h"

#include "app/models/run_builder.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace bathy::models {

struct RunRecorder::Run : RunBuilder {
    using RunBuilder::RunBuilder;
};

RunRecorder::RunRecorder(QObject* parent, std::size_t routingBudgetBytes)
    : QObject(parent), m_routingBudget(routingBudgetBytes) {}

RunRecorder::~RunRecorder() = default;

void RunRecorder::apply(const api::Event& event) {
    applyAll({&event, 1});
}

void RunRecorder::applyAll(std::span<const api::Event> events) {
    for (const auto& event : events) {
        ++m_stats.events;
        std::visit([this](const auto& e) { on(e); }, event);
    }
    announce();
}

void RunRecorder::announce() {
    bool changed = false;
    for (const auto& [session, run] : m_runs)
        changed |= run->takeDirty();
    if (changed)
        Q_EMIT runsChanged();
    if (std::exchange(m_memoryTouched, false))
        Q_EMIT statsChanged();
}

void RunRecorder::setCurrent(SessionId session) {
    if (session == m_current)
        return;
    m_current = session;
    Q_EMIT currentChanged();
}

RunDataPtr RunRecorder::snapshot(SessionId session) const {
    const auto found = m_runs.find(session);
    return found == m_runs.end() ? nullptr : found->second->snapshot();
}

std::int64_t RunRecorder::tokenCount(SessionId session) const {
    const auto found = m_runs.find(session);
    return found == m_runs.end() ? 0 : found->second->tokenCount();
}

RunRecorder::Run& RunRecorder::run(SessionId session) {
    auto& slot = m_runs[session];
    if (!slot) {
        slot = std::make_unique<Run>(session, m_card, m_texts, m_routingBudget);
        if (m_current == SessionId{})
            setCurrent(session);
    }
    return *slot;
}

RunRecorder::Run* RunRecorder::runOf(GenerationId generation) {
    if (generation == m_lastGeneration && m_lastRun)
        return m_lastRun;
    const auto found = m_generations.find(generation);
    if (found == m_generations.end())
        return nullptr;
    m_lastGeneration = generation;
    m_lastRun = &run(found->second);
    return m_lastRun;
}

void RunRecorder::forgetAll() {
    m_lastRun = nullptr;
    m_generations.clear();
    m_runs.clear();
    m_plan.reset();
    m_texts = std::make_shared<TokenTexts>();
    setCurrent({});
}

void RunRecorder::on(const api::ModelLoaded& event) {
    forgetAll();
    m_card = std::make_shared<api::ModelCard>(event.card);
    Q_EMIT modelChanged();
    Q_EMIT memoryPlanChanged();
}

void RunRecorder::on(const api::ModelUnloaded&) {
    forgetAll();
    m_card.reset();
    Q_EMIT modelChanged();
    Q_EMIT memoryPlanChanged();
}

void RunRecorder::on(const api::SessionOpened& event) {
    run(event.session);
}

void RunRecorder::on(const api::SessionRestored& event) {
    auto& restored = run(event.session);
    telemetry::TokenEvent token;
    token.phase = telemetry::TokenPhase::Prompt;
    for (std::size_t i = 0; i < event.held.size() && i < static_cast<std::size_t>(kMaxPosition); ++i) {
        token.position = Position{static_cast<std::int64_t>(i)};
        token.token = event.held[i];
        restored.setToken(token);
    }
}

void RunRecorder::on(const api::SessionClosed& event) {
    m_lastRun = nullptr;
    m_runs.erase(event.session);
    std::erase_if(m_generations, [&event](const auto& entry) { return entry.second == event.session; });
    if (m_current == event.session)
        setCurrent({});
}

void RunRecorder::on(const api::GenerationStarted& event) {
    if (event.reusedTokens < 0 || event.promptTokens < event.reusedTokens || event.promptTokens >= kMaxPosition) {
        ++m_stats.ignored;
        return;
    }
    m_generations[event.generation] = event.session;
    run(event.session).startAnswer(event.generation, event.reusedTokens, event.promptTokens);
}

void RunRecorder::on(const api::GenerationFinished& event) {
    if (auto* run = runOf(event.generation))
        run->finishAnswer(event.generation);
}

void RunRecorder::on(const api::TokenTexts& event) {
    for (std::size_t i = 0; i < std::min(event.tokens.size(), event.texts.size()); ++i)
        m_texts->add(event.tokens[i], event.texts[i]);
}

void RunRecorder::on(const api::PromptEncoded& event) {
    for (std::size_t i = 0; i < std::min(event.tokens.size(), event.texts.size()); ++i)
        m_texts->add(event.tokens[i], event.texts[i]);
}

void RunRecorder::on(const api::MemoryPlan& event) {
    if (!event.path.empty()) // somebody plans for a model by name, loaded or not
        return;
    m_plan = std::make_shared<api::MemoryPlan>(event);
    Q_EMIT memoryPlanChanged();
}

void RunRecorder::on(const api::Records& event) {
    m_stats.records += event.records.size();
    for (const auto& entry : event.records)
        std::visit([this](const auto& r) { record(r); }, entry);
}

void RunRecorder::record(const telemetry::TokenEvent& event) {
    auto* run = runOf(event.generation);
    if (!run || raw(event.position) < 0 || raw(event.position) >= kMaxPosition) {
        ++m_stats.ignored;
        return;
    }
    if (event.phase == telemetry::TokenPhase::Generated)
        ++m_stats.tokens;
    run->setToken(event);
}

void RunRecorder::record(const telemetry::RoutingEvent& event) {
    auto* run = runOf(event.generation);
    const bool possible = run && raw(event.position) >= 0 && raw(event.position) < kMaxPosition &&
                          raw(event.layer) >= 0 && raw(event.layer) < kMaxLayers &&
                          event.count <= telemetry::kMaxExpertsPerToken;
    if (!possible) {
        ++m_stats.ignored;
        return;
    }
    std::array<RoutedExpert, telemetry::kMaxExpertsPerToken> experts;
    for (int i = 0; i < event.count; ++i) {
        experts[static_cast<std::size_t>(i)] = {event.expert[static_cast<std::size_t>(i)],
                                                event.weight[static_cast<std::size_t>(i)]};
        if (event.expert[static_cast<std::size_t>(i)] >= kMaxExperts) {
            ++m_stats.ignored;
            return;
        }
    }
    // Draft blocks follow the main layers; the panels show the layers that the card lists.
    if (m_card && raw(event.layer) >= static_cast<int>(m_card->layers.size()))
        return;
    run->setRouting(raw(event.position), raw(event.layer), {experts.data(), event.count});
}

void RunRecorder::record(const telemetry::SpanEvent& event) {
    m_stats.add(event);
}

void RunRecorder::record(const telemetry::KvEvent& event) {
    const auto found = m_runs.find(event.session);
    if (found == m_runs.end() || event.tokens < 0 || event.tokens > kMaxPosition) {
        ++m_stats.ignored;
        return;
    }
    found->second->addKv(event);
}

void RunRecorder::record(const telemetry::MemoryEvent& event) {
    m_stats.memory = event;
    m_memoryTouched = true;
}

void RunRecorder::record(const telemetry::DropEvent& event) {
    m_stats.drops = event;
}

} // namespace bathy::models
