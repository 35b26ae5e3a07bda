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
    : m_loaded(loaded), m_events(events), m_recorder(recorder), m_guesser(*loaded.model),
      m_told(static_cast<std::size_t>(loaded.model->vocabularySize())) {}

Result<void> StepRunner::feed(Generation& generation, std::span<const TokenId> tokens, std::size_t guesses,
                              std::size_t logits, const std::stop_token& stop) {
    auto& session = *generation.session;
    const auto beginNs = telemetry::nowNs();
    m_recorder.beginStep(generation.id, tokens, guesses == 0);
    m_logits.resize(logits * static_cast<std::size_t>(m_loaded.model->vocabularySize()));
    model::ForwardOptions options;
    options.logitsAt = logits == 0 ? model::LogitsAt::None : logits == 1 ? model::LogitsAt::Last : model::LogitsAt::All;
    options.logits = m_logits;
    options.routing = m_recorder.routingSink();
    options.spans = m_recorder.spanSink();
    options.bannedExperts = session.bannedExperts;
    options.keepDrafts = generation.keepsDrafts();
    options.stop = stop;
    BATHY_CHECK(m_loaded.model->forward(*session.state, tokens, options));
    session.took(tokens);
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
    BATHY_CHECK(feed(generation, chunk, 0, last ? 1 : 0, stop));
    reportMemory(session);
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
    if (last) {
        generation.phase = WorkPhase::Decode;
        BATHY_CHECK(sampleWhileRight(generation, {}));
        deliver(generation, m_sampled.front(), 0);
    }
    m_events.publish();
    return {};
}

Result<void> StepRunner::decode(Generation& generation, const std::stop_token& stop) {
    auto& session = *generation.session;
    const auto beginNs = m_loaded.clock();
    BATHY_TRY(const auto guesses, m_guesser.guess(generation, generation.guesses(), m_recorder.spanSink(), stop));
    const auto fedBefore = session.tokens.size();
    m_fed.assign(1, generation.generated.back());
    m_fed.insert(m_fed.end(), guesses.begin(), guesses.end());
    BATHY_CHECK(feed(generation, m_fed, guesses.size(), m_fed.size(), stop));
    BATHY_CHECK(sampleWhileRight(generation, guesses));
    const auto right = std::count_if(m_sampled.begin(), m_sampled.end(), [](const Sampled& sampled) {
        return sampled.guess == telemetry::GuessOutcome::Right;
    });
    const DraftRound round{static_cast<int>(guesses.size()), static_cast<int>(right),
                           static_cast<int>(m_sampled.size()), m_loaded.clock() - beginNs};
    const auto gainNs = guesses.empty() ? 0 : session.pace.gainNs(round);
    session.pace.add(round);
    generation.speculation.guessed += round.guessed;
    generation.speculation.right += round.right;
    generation.speculation.gainedSeconds += seconds(gainNs);
    for (auto sampled = m_sampled.begin(); sampled != m_sampled.end() && !generation.done; ++sampled)
        deliver(generation, *sampled, gainNs / round.tokens);
    settle(generation, fedBefore);
    reportMemory(session);
    m_events.publish();
    return {};
}

// The first row follows the newest token, each further one a guess: it counts only where that guess is what was
// sampled.
Result<void> StepRunner::sampleWhileRight(Generation& generation, std::span<const TokenId> guesses) {
    const auto fed = generation.session->tokens.size() - guesses.size();
    m_sampled.clear();
    for (std::size_t row = 0; row <= guesses.size(); ++row) {
        BATHY_TRY(auto sampled, sample(generation, row, fed + row));
        if (row < guesses.size()) {
            const bool right = sampled.choice.token == guesses[row];
            sampled.guess = right ? telemetry::GuessOutcome::Right : telemetry::GuessOutcome::Wrong;
            sampled.guessed = guesses[row];
        }
        m_sampled.push_back(sampled);
        if (sampled.guess != telemetry::GuessOutcome::Right || isEnd(sampled.choice.token))
            break;
    }
    return {};
}

Result<StepRunner::Sampled> StepRunner::sample(Generation& generation, std::size_t row, std::size_t known) {
    const auto vocabulary = static_cast<std::size_t>(m_loaded.model->vocabularySize());
    const auto beginNs = telemetry::nowNs();
    BATHY_TRY(const auto choice, generation.sampler.sample(std::span(m_logits).subspan(row * vocabulary, vocabulary),
                                                           static_cast<Position>(known),
                                                           std::span(generation.session->tokens).first(known)));
    if (auto* spans = m_recorder.spanSink())
        spans->onSpan({telemetry::SpanKind::Sampler, LayerId{-1}, 1, beginNs, telemetry::nowNs() - beginNs});
    return Sampled{choice, telemetry::GuessOutcome::None, TokenId{}};
}

bool StepRunner::isEnd(TokenId token) const {
    return std::find(m_loaded.endTokens.begin(), m_loaded.endTokens.end(), token) != m_loaded.endTokens.end();
}

// The newest token is never fed, as without guesses: what was fed behind the one before it goes.
void StepRunner::settle(Generation& generation, std::size_t fedBefore) {
    auto& session = *generation.session;
    const auto held = generation.prompt.size() + generation.generated.size() - 1;
    m_recorder.settle(held - fedBefore);
    if (held < session.tokens.size())
        session.tokens.resize(static_cast<std::size_t>(session.state->truncate(static_cast<std::int64_t>(held))));
}

void StepRunner::deliver(Generation& generation, const Sampled& sampled, std::int64_t gainNs) {
    const auto token = sampled.choice.token;
    const auto position = static_cast<Position>(generation.prompt.size() + generation.generated.size());
    if (generation.firstTokenNs == 0)
        generation.firstTokenNs = telemetry::nowNs();
    generation.generated.push_back(token);
    reportChoice(generation, sampled, position, gainNs);
    if (isEnd(token))
        return generation.finish(api::FinishReason::EndToken);
    for (auto& delta : generation.text.feed(token))
        m_events.post(api::TextDelta{generation.id, position, delta.reasoning, std::move(delta.text)});
    if (generation.text.stopped())
        generation.finish(api::FinishReason::StopString);
    else if (generation.maxTokens > 0 && std::ssize(generation.generated) >= generation.maxTokens)
        generation.finish(api::FinishReason::MaxTokens);
    else if (raw(position) + 1 >= generation.session->state->contextLimit())
        generation.finish(api::FinishReason::ContextFull);
}

void StepRunner::reportChoice(const Generation& generation, const Sampled& sampled, Position position,
                              std::int64_t gainNs) {
    const auto& choice = sampled.choice;
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
    event.guess = sampled.guess;
    event.guessed = sampled.guessed;
    event.gainNs = gainNs;
    event.before = choice.before;
    event.after = choice.after;
    std::vector<TokenId> named{choice.token};
    if (sampled.guess == telemetry::GuessOutcome::Wrong)
        named.push_back(sampled.guessed);
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

void StepRunner::reportMemory(const Session& session) {
    auto kv = session.state->memory();
    kv.session = session.id;
    m_recorder.kv(kv);
    const auto now = telemetry::nowNs();
    if (now - m_lastMemoryNs < kMemoryIntervalNs)
        return;
    m_lastMemoryNs = now;
    m_recorder.memory({m_loaded.model->weightBytes(), m_loaded.model->scratchBytes(), processMemory().residentBytes});
}

} // namespace bathy::runtime
