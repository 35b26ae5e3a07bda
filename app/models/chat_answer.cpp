// The answer that runs: what the engine's events do to it.
#include "app/bridge/engine_link.h"
#include "app/models/chat_presenter.h"

#include <array>

namespace bathy::models {
namespace {

constexpr std::array kFinishNames{"end_token", "stop_string", "max_tokens", "context_full", "cancelled"};

} // namespace

double ChatPresenter::tokensPerSecond() const {
    if (!m_run || m_run->tokens < 2)
        return 0;
    return static_cast<double>(m_run->tokens - 1) * 1e9 / static_cast<double>(m_run->sinceFirstToken.nsecsElapsed());
}

void ChatPresenter::countTokens(const QString& text, QObject* context, std::function<void(qint64)> done) {
    const auto request = m_context.link.post(api::EncodePrompt{{}, api::TextPrompt{text.toStdString(), false}});
    m_counts.insert(static_cast<quint64>(request), {context, std::move(done)});
}

void ChatPresenter::take(const std::vector<api::Event>& events) {
    for (const auto& event : events) {
        if (const auto* encoded = std::get_if<api::PromptEncoded>(&event)) {
            takeCount(*encoded);
        } else if (const auto* failed = std::get_if<api::Failed>(&event)) {
            m_counts.remove(static_cast<quint64>(failed->request));
            if (m_sessions.dropFailed(failed->request))
                m_sessionFailure = failed->error;
        }
        m_tokens.take(event);
        if (m_run)
            takeForRun(event);
        else if (m_replay)
            takeForReplay(event);
    }
}

void ChatPresenter::takeForRun(const api::Event& event) {
    m_run->recorder->take(event);
    if (const auto* started = std::get_if<api::GenerationStarted>(&event)) {
        if (started->generation == m_run->generation)
            takeStarted(*started);
    } else if (const auto* progress = std::get_if<api::Progress>(&event)) {
        takeProgress(*progress, m_run->request);
    } else if (const auto* delta = std::get_if<api::TextDelta>(&event)) {
        if (delta->generation == m_run->generation)
            takeText(*delta);
    } else if (const auto* records = std::get_if<api::Records>(&event)) {
        takeRecords(*records);
    } else if (const auto* finished = std::get_if<api::GenerationFinished>(&event)) {
        if (finished->generation == m_run->generation)
            finishRun(*finished);
    } else if (const auto* restored = std::get_if<api::SessionRestored>(&event)) {
        takeRestored(*restored);
    } else if (const auto* failed = std::get_if<api::Failed>(&event)) {
        if (failed->request == m_run->request && !readInstead(failed->error))
            failRun(m_sessionFailure.value_or(failed->error));
    }
}

void ChatPresenter::takeProgress(const api::Progress& progress, api::RequestId request) {
    if (progress.request != request)
        return;
    m_prefill = {static_cast<qint64>(progress.done), static_cast<qint64>(progress.total), progress.perSecond,
                 progress.secondsLeft};
    Q_EMIT prefillChanged();
}

void ChatPresenter::takeStarted(const api::GenerationStarted& started) {
    auto& facts = m_run->facts;
    facts.promptTokens = started.promptTokens;
    facts.reusedTokens = started.reusedTokens;
    facts.seed = started.seed;
    m_prefill = {started.reusedTokens, started.promptTokens, 0, 0};
    setContextUse(started.promptTokens);
    if (m_activity == Activity::Waiting)
        setActivity(Activity::Prefill);
}

void ChatPresenter::takeText(const api::TextDelta& delta) {
    auto* message = m_run->conversation->find(m_run->message);
    (delta.reasoning ? message->reasoning : message->content) += QString::fromStdString(delta.text);
    Q_EMIT messageGrew(m_run->message);
}

void ChatPresenter::takeRecords(const api::Records& records) {
    qint64 fresh = 0;
    for (const auto& record : records.records)
        if (const auto* token = std::get_if<telemetry::TokenEvent>(&record))
            fresh += token->generation == m_run->generation && token->phase == telemetry::TokenPhase::Generated;
    if (fresh == 0)
        return;
    if (m_run->tokens == 0) {
        m_run->sinceFirstToken.start();
        if (const auto prompt = m_tokens.prompt(m_run->generation, m_run->facts.promptTokens); !prompt.empty())
            m_run->recorder->keepPrompt(prompt);
    }
    m_run->tokens += fresh;
    m_run->facts.generatedTokens = m_run->tokens;
    if (m_activity == Activity::Waiting || m_activity == Activity::Prefill)
        setActivity(Activity::Decode);
    setContextUse(m_run->facts.promptTokens + m_run->tokens);
}

void ChatPresenter::finishRun(const api::GenerationFinished& finished) {
    auto& facts = m_run->facts;
    facts.finish = QLatin1String(kFinishNames.at(static_cast<std::size_t>(finished.reason)));
    facts.promptTokens = finished.promptTokens;
    facts.reusedTokens = finished.reusedTokens;
    facts.generatedTokens = finished.generatedTokens;
    facts.prefillSeconds = finished.prefillSeconds;
    facts.decodeSeconds = finished.decodeSeconds;
    facts.firstTokenSeconds = finished.firstTokenSeconds;
    endRun(finished.reason == api::FinishReason::Cancelled ? MessageState::Stopped : MessageState::Done);
}

void ChatPresenter::failRun(const Error& error) {
    auto& facts = m_run->facts;
    facts.finish = QString::fromUtf8(errorCodeName(error.code()).data());
    if (error.isCancelled())
        return endRun(MessageState::Stopped);
    const auto text = describe(error);
    facts.note = text.title + QLatin1Char(' ') + text.detail;
    endRun(error.code() == ErrorCode::HostDied ? MessageState::Interrupted : MessageState::Failed);
    if (error.code() != ErrorCode::HostDied) // the model's own state says that already
        Q_EMIT problem(text);
}

void ChatPresenter::endRun(MessageState state) {
    const auto run = std::move(*std::exchange(m_run, std::nullopt));
    run.recorder->finish(state, run.facts);
    auto* message = run.conversation->find(run.message);
    message->state = state;
    message->facts = run.facts;
    keepState(run);
    setContextUse(run.facts.promptTokens + run.facts.generatedTokens);
    Q_EMIT messageChanged(run.message);
    setActivity(Activity::Idle);
}

void ChatPresenter::takeCount(const api::PromptEncoded& encoded) {
    const auto count = m_counts.take(static_cast<quint64>(encoded.request));
    if (count.context && count.done)
        count.done(static_cast<qint64>(encoded.tokens.size()));
}

} // namespace bathy::models
