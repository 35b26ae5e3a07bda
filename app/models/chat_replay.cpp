// An answer once more, for the inspection panels: what it read, its settings and its seed go to the engine again, into
// a session of its own.
#include "app/bridge/engine_link.h"
#include "app/models/chat_presenter.h"
#include "app/models/model_presenter.h"
#include "app/storage/storage.h"

namespace bathy::models {

void ChatPresenter::replay(MessageId answer) {
    const auto* message = m_shown->find(answer);
    if (message == nullptr || message->role != Role::Assistant)
        return;
    const auto refuse = [this](const QString& why) {
        Q_EMIT problem({tr("This answer cannot be replayed."), why, {}});
    };
    if (const auto why = whyNotReady(); !why.isEmpty())
        return refuse(why);
    const auto& facts = message->facts;
    if (facts.modelFingerprint != QString::fromStdString(m_context.model.card()->fingerprint))
        return refuse(tr("It was made by another model: open %1 first.").arg(facts.modelName));
    if (facts.generatedTokens == 0)
        return refuse(tr("It has no tokens."));
    m_replay.emplace();
    m_replay->message = answer;
    setActivity(Activity::Waiting);
    using Tokens = std::pair<QByteArray, QByteArray>;
    m_context.storage.read<Tokens>(
        this,
        [answer](storage::ChatStore& store) -> Result<Tokens> {
            BATHY_TRY(auto prompt, store.answerPrompt(answer));
            BATHY_TRY(auto tokens, store.answerTokens(answer));
            return Tokens{std::move(prompt), std::move(tokens)};
        },
        [this](const Tokens& tokens) { startReplay(tokens.first, tokens.second); });
}

void ChatPresenter::startReplay(const QByteArray& prompt, const QByteArray& answer) {
    const auto* message = m_shown->find(m_replay->message);
    if (m_activity == Activity::Stopping || message == nullptr || prompt.isEmpty() || answer.isEmpty()) {
        const bool isKept = !prompt.isEmpty() && !answer.isEmpty();
        m_replay.reset();
        setActivity(Activity::Idle);
        if (!isKept)
            Q_EMIT problem({tr("This answer cannot be replayed."),
                            tr("The tokens that it read were not kept; an older version of the program made it."),
                            {}});
        return;
    }
    closeReplay();
    m_replaySession = m_context.link.freshSession();
    m_engineHoldsReplay = true;
    m_replay->expected = unpackTokens(answer);
    m_replay->generation = m_context.link.freshGeneration();
    auto settings = ChatSettings::fromJson(message->facts.settings);
    auto& sampling = settings.sampling;
    sampling.seed = message->facts.seed;
    sampling.maxTokens = static_cast<std::int64_t>(m_replay->expected.size());
    m_context.link.post(api::OpenSession{{}, m_replaySession, {}});
    m_replay->request = m_context.link.post(api::Generate{{},
                                                          m_replaySession,
                                                          m_replay->generation,
                                                          api::TokenPrompt{unpackTokens(prompt)},
                                                          std::move(sampling),
                                                          std::move(settings.bannedExperts)});
    m_prefill = {};
    Q_EMIT sessionShown(raw(m_replaySession));
}

void ChatPresenter::takeForReplay(const api::Event& event) {
    auto& replay = *m_replay;
    if (const auto* started = std::get_if<api::GenerationStarted>(&event)) {
        if (started->generation != replay.generation)
            return;
        m_prefill = {started->reusedTokens, started->promptTokens, 0, 0};
        if (m_activity == Activity::Waiting)
            setActivity(Activity::Prefill);
    } else if (const auto* progress = std::get_if<api::Progress>(&event)) {
        takeProgress(*progress, replay.request);
    } else if (const auto* records = std::get_if<api::Records>(&event)) {
        for (const auto& record : records->records) {
            const auto* token = std::get_if<telemetry::TokenEvent>(&record);
            if (!token || token->generation != replay.generation || token->phase != telemetry::TokenPhase::Generated)
                continue;
            const bool sameSoFar = replay.same == replay.seen;
            if (sameSoFar && replay.seen < replay.expected.size() && replay.expected[replay.seen] == token->token)
                ++replay.same;
            if (replay.seen++ == 0 && m_activity != Activity::Stopping)
                setActivity(Activity::Decode);
        }
    } else if (const auto* finished = std::get_if<api::GenerationFinished>(&event)) {
        if (finished->generation == replay.generation)
            endReplay(finished->reason == api::FinishReason::Cancelled);
    } else if (const auto* failed = std::get_if<api::Failed>(&event)) {
        if (failed->request != replay.request)
            return;
        if (!failed->error.isCancelled() && failed->error.code() != ErrorCode::HostDied)
            Q_EMIT problem(describe(failed->error));
        endReplay(true);
    }
}

void ChatPresenter::endReplay(bool stopped) {
    const auto replay = *std::exchange(m_replay, std::nullopt);
    setActivity(Activity::Idle);
    Q_EMIT replayEnded({static_cast<qint64>(replay.expected.size()), static_cast<qint64>(replay.same), stopped});
}

// Takes what was replayed last out of the panels, and out of the engine where it holds it.
void ChatPresenter::closeReplay() {
    if (m_replaySession == SessionId{})
        return;
    const auto session = std::exchange(m_replaySession, SessionId{});
    if (std::exchange(m_engineHoldsReplay, false))
        m_context.link.post(api::CloseSession{{}, session});
    else
        Q_EMIT replayed(
            std::make_shared<const std::vector<api::Event>>(std::vector<api::Event>{api::SessionClosed{{}, session}}));
}

} // namespace bathy::models
