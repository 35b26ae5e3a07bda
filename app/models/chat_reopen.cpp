// Where an answer begins: in the session that is open, in one reopened from what was kept on disk, or in an empty one,
// which reads the conversation from its text.
#include "app/bridge/engine_link.h"
#include "app/models/chat_presenter.h"
#include "app/models/model_presenter.h"
#include "app/models/snapshot_presenter.h"

#include <tuple>
#include <utility>

namespace bathy::models {

// The states behind earlier answers to the question and to those before it, the one that has most of its text first.
QStringList ChatPresenter::keptFor(MessageId question) const {
    const auto fingerprint = QString::fromStdString(m_context.model.card()->fingerprint);
    const auto& bans = m_shown->settings().bannedExperts;
    QStringList kept;
    const auto add = [&](const Message& answer) {
        if (!answer.snapshot.isEmpty() && answer.facts.modelFingerprint == fingerprint &&
            ChatSettings::fromJson(answer.facts.settings).bannedExperts == bans)
            kept << answer.snapshot;
    };
    const auto versions = m_shown->answersTo(question);
    for (auto version = versions.crbegin(); version != versions.crend(); ++version)
        add(*m_shown->find(*version));
    for (const auto* message = m_shown->find(question); message != nullptr; message = m_shown->find(message->parent))
        if (message->role == Role::Assistant)
            add(*message);
    return kept;
}

SessionId ChatPresenter::openSession(api::Generate ask) {
    const auto conversation = m_run->conversation->id();
    if (m_run->kept.isEmpty() || m_sessions.find(conversation)) {
        ask.session = m_sessions.sessionFor(conversation);
        const auto session = ask.session;
        this->ask(std::move(ask));
        return session;
    }
    const auto file = m_context.snapshots.fileOf(m_run->kept.first()).toStdString();
    std::tie(ask.session, m_run->request) = m_sessions.reopen(conversation, file);
    m_run->afterReopening = std::move(ask);
    return m_run->afterReopening->session;
}

void ChatPresenter::ask(api::Generate ask) {
    m_run->afterReopening.reset();
    m_run->request = m_context.link.post(std::move(ask));
}

void ChatPresenter::takeRestored(const api::SessionRestored& restored) {
    if (!m_run->afterReopening || restored.request != m_run->request)
        return;
    m_context.snapshots.used(m_run->kept.first());
    ask(*std::move(m_run->afterReopening));
    if (m_activity == Activity::Reopening)
        setActivity(Activity::Waiting);
}

// A snapshot that is gone or damaged costs time and nothing else: the conversation is read from its text.
bool ChatPresenter::readInstead(const Error& error) {
    if (!m_run->afterReopening || error.isCancelled() || error.code() == ErrorCode::HostDied)
        return false;
    m_sessionFailure.reset();
    if (error.code() == ErrorCode::BadFile || error.code() == ErrorCode::NotFound)
        m_context.snapshots.lost(m_run->kept.first());
    if (error.code() != ErrorCode::NotFound) // deleted, as snapshots are when they take too much
        Q_EMIT problem({tr("What the model had read could not be reopened; it is read again from the text."),
                        QString::fromStdString(error.what()),
                        {}});
    auto ask = *std::move(m_run->afterReopening);
    m_sessions.openAs(m_run->conversation->id(), ask.session);
    this->ask(std::move(ask));
    if (m_activity == Activity::Reopening)
        setActivity(Activity::Waiting);
    return true;
}

void ChatPresenter::keepState(const Run& run) {
    const auto state = run.conversation->find(run.message)->state;
    const auto session = m_sessions.find(run.conversation->id());
    if (session && (state == MessageState::Done || state == MessageState::Stopped))
        m_context.snapshots.keep(run.message, *session, run.conversation->row().title,
                                 run.facts.promptTokens + run.facts.generatedTokens);
}

void ChatPresenter::takeKept(MessageId answer, const QString& snapshot) {
    for (const auto& conversation : {m_shown, m_run ? m_run->conversation : nullptr})
        if (auto* message = conversation ? conversation->find(answer) : nullptr)
            message->snapshot = snapshot;
}

} // namespace bathy::models
