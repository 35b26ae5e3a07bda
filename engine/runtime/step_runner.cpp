#include "engine/runtime/step_runner.h"

#include "engine/base/system_memory.h"
#include "engine/telemetry/clock.h"

#include <algorithm>
#include <string>

namespace bathy::runtime {

namespace {
constexpr std::int64_t kProgressIntervalNs = 100'000'000;
constexpr std::int64_t kMemoryIntervalNs = 250'000'000;

double seconds(std::int64_t ns) {
    return static_cast<double>(ns) * 1e-9;
}
} // namespace

StepRunner::StepRunner(LoadedModel& loaded, EventQueue& events, Recorder& recorder)
    : m_loaded(loaded), m_events(events), m_recorder(recorder),
      m_logits(static_cast<std::size_t>(loaded.model->vocabularySize())),
      m_told(static_cast<std::size_t>(loaded.model->vocabularySize())) {}

Result<void> StepRunner::step(Generation& generation, std::span<const TokenId> tokens, bool wantLogits,
                              const std::stop_token& stop) {
    auto& session = *generation.session;
    const auto beginNs = telemetry::nowNs();
    m_recorder.beginStep(generation.id, tokens);
    model::ForwardOptions options;
    options.logitsAt = wantLogits ? model::LogitsAt::Last : model::LogitsAt::None;
    if (wantLogits)
        options.logits = m_logits;
    options.routing = m_recorder.routingSink();
    options.spans = m_recorder.spanSink();
    options.bannedExperts = session.bannedExperts;
    options.stop = stop;
    BATHY_CHECK(m_loaded.model->forward(*session.state, tokens, options));
    session.took(tokens);
    auto kv = session.state->memory();
    kv.session = session.id;
    m_recorder.kv(kv);
    reportMemory();
    m_recorder.endStep(beginNs);
    return {};
}

Result<void> StepRunner::prefill(Generation& generation, std::int64_t tokens, const std::stop_token& stop) {
    auto& session = *generation.session;
    const auto begin = session.tokens.size();
    const auto chunk = std::span<const TokenId>(generation.prompt).subspan(begin, static_cast<std::size_t>(tokens));
    const bool last = begin + chunk.size() == generation.prompt.size();
    if (generation.prefillBeganNs == 0)
        generation.prefillBeganNs = telemetry::nowNs();
    BATHY_CHECK(step(generation, chunk, last, stop));
    const auto position = static_cast<std::int64_t>(session.tokens.size());
    if (!generation.checkpoints.empty() && generation.checkpoints.front() == position) {
        generation.checkpoints.erase(generation.checkpoints.begin());
        session.state->keepCheckpoint();
    }
    tellTexts(chunk);
    for (std::size_t i = 0; i < chunk.size(); ++i) {
        telemetry::TokenEvent event;
        event.generation = generation.id;
        event.position = static_cast<Position>(begin + i);
        event.token = chunk[i];
        event.phase = telemetry::TokenPhase::Prompt;
        m_recorder.token(event);
    }
    reportProgress(generation);
    if (!last) {
        m_events.publish();
        return {};
    }
    generation.phase = WorkPhase::Decode;
    return sampleNext(generation);
}

Result<void> StepRunner::decode(Generation& generation, const std::stop_token& stop) {
    const TokenId newest = generation.generated.back();
    BATHY_CHECK(step(generation, std::span(&newest, 1), true, stop));
    return sampleNext(generation);
}

Result<void> StepRunner::sampleNext(Generation& generation) {
    const auto& session = *generation.session;
    const auto position = static_cast<Position>(session.tokens.size());
    const auto beginNs = telemetry::nowNs();
    BATHY_TRY(const auto choice, generation.sampler.sample(m_logits, position, session.tokens));
    const auto endNs = telemetry::nowNs();
    if (auto* spans = m_recorder.spanSink())
        spans->onSpan({telemetry::SpanKind::Sampler, LayerId{-1}, 1, beginNs, endNs - beginNs});
    if (generation.firstTokenNs == 0)
        generation.firstTokenNs = endNs;
    generation.generated.push_back(choice.token);
    reportChoice(generation, choice, position);

    const bool isEnd =
        std::find(m_loaded.endTokens.begin(), m_loaded.endTokens.end(), choice.token) != m_loaded.endTokens.end();
    if (isEnd) {
        generation.finish(api::FinishReason::EndToken);
        return {};
    }
    for (auto& delta : generation.text.feed(choice.token))
        m_events.post(api::TextDelta{generation.id, position, delta.reasoning, std::move(delta.text)});
    if (generation.text.stopped())
        generation.finish(api::FinishReason::StopString);
    else if (generation.maxTokens > 0 && std::ssize(generation.generated) >= generation.maxTokens)
        generation.finish(api::FinishReason::MaxTokens);
    else if (raw(position) + 1 >= session.state->contextLimit())
        generation.finish(api::FinishReason::ContextFull);
    m_events.publish();
    return {};
}

void StepRunner::reportChoice(const Generation& generation, const sampler::Choice& choice, Position position) {
    telemetry::TokenEvent event;
    event.generation = generation.id;
    event.position = position;
    event.token = choice.token;
    event.phase = telemetry::TokenPhase::Generated;
    event.beforeCount = choice.beforeCount;
    event.afterCount = choice.afterCount;
    event.rank = choice.rank;
    event.probability = choice.probability;
    event.sampledProbability = choice.sampledProbability;
    event.entropy = choice.entropy;
    event.timeNs = telemetry::nowNs();
    event.before = choice.before;
    event.after = choice.after;
    std::vector<TokenId> named{choice.token};
    std::for_each_n(choice.before.begin(), choice.beforeCount, [&](const auto& a) { named.push_back(a.token); });
    std::for_each_n(choice.after.begin(), choice.afterCount, [&](const auto& a) { named.push_back(a.token); });
    tellTexts(named);
    m_recorder.token(event);
}

void StepRunner::tellTexts(std::span<const TokenId> tokens) {
    if (!m_loaded.tokenizer)
        return;
    api::TokenTexts news;
    for (const auto token : tokens) {
        auto told = m_told[static_cast<std::size_t>(raw(token))];
        if (told)
            continue;
        told = true;
        news.tokens.push_back(token);
        news.texts.emplace_back(m_loaded.tokenizer->tokenBytes(token));
    }
    if (!news.tokens.empty())
        m_events.post(std::move(news));
}

void StepRunner::reportProgress(Generation& generation) {
    const auto now = telemetry::nowNs();
    const auto total = static_cast<std::int64_t>(generation.prompt.size()) - generation.reused;
    const auto done = static_cast<std::int64_t>(generation.session->tokens.size()) - generation.reused;
    if (done < total && now - generation.lastProgressNs < kProgressIntervalNs)
        return;
    generation.lastProgressNs = now;
    api::Progress progress{generation.request, api::Stage::Prefill};
    progress.done = static_cast<std::uint64_t>(done);
    progress.total = static_cast<std::uint64_t>(total);
    const double spent = seconds(now - generation.prefillBeganNs);
    if (spent > 0 && done > 0) {
        progress.perSecond = static_cast<double>(done) / spent;
        progress.secondsLeft = static_cast<double>(total - done) / progress.perSecond;
    }
    m_events.post(progress);
}

void StepRunner::reportMemory() {
    const auto now = telemetry::nowNs();
    if (now - m_lastMemoryNs < kMemoryIntervalNs)
        return;
    m_lastMemoryNs = now;
    m_recorder.memory({m_loaded.model->weightBytes(), m_loaded.model->scratchBytes(), processMemory().residentBytes});
}

} // namespace bathy::runtime
