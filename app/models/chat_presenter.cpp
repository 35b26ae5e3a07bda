#include "app/models/chat_presenter.h"

#include "app/bridge/engine_link.h"
#include "app/bridge/event_codec.h"
#include "app/models/model_presenter.h"
#include "app/models/snapshot_presenter.h"
#include "app/storage/storage.h"

#include <QDateTime>

#include <array>
#include <utility>

namespace bathy::models {
namespace {

constexpr std::array kRoleNames{"system", "user", "assistant"};

Message makeMessage(const Conversation& conversation, MessageId parent, Role role) {
    Message message;
    message.id = MessageId(storage::freshId());
    message.conversation = conversation.id();
    message.parent = parent;
    message.role = role;
    message.createdMs = QDateTime::currentMSecsSinceEpoch();
    return message;
}

// Kept events carry the session of the day they were made.
void moveUnder(SessionId session, std::vector<api::Event>& events, std::vector<api::Event>& out) {
    for (auto& event : events) {
        if (auto* started = std::get_if<api::GenerationStarted>(&event)) {
            started->session = session;
        } else if (auto* records = std::get_if<api::Records>(&event)) {
            for (auto& record : records->records)
                if (auto* kv = std::get_if<telemetry::KvEvent>(&record))
                    kv->session = session;
        }
        out.push_back(std::move(event));
    }
}

} // namespace

ChatPresenter::ChatPresenter(const Context& context, QObject* parent)
    : QObject(parent), m_context(context), m_sessions(context.link) {
    connect(&context.pump, &bridge::EventPump::eventsReady, this,
            [this](const bridge::EventBatch& batch) { take(*batch); });
    connect(&context.model, &ModelPresenter::stateChanged, this, &ChatPresenter::modelChanged);
    connect(&context.snapshots, &SnapshotPresenter::kept, this, &ChatPresenter::takeKept);
    m_shown = std::make_shared<Conversation>(Conversation::fresh(m_nextSettings));
}

// An answer that still runs stays Streaming in the store; the next start finds it there with all its text.
ChatPresenter::~ChatPresenter() {
    if (m_run)
        endRun(MessageState::Interrupted);
}

void ChatPresenter::modelChanged() {
    if (m_context.model.state() != ModelPresenter::State::Loaded) {
        m_sessions.forgetAll();
        m_tokens.forgetAll();
        m_engineHoldsReplay = false;
    } else {
        adoptSampling(m_context.model.card()->sampling);
    }
    setContextUse(m_contextUse.used);
}

// Where nobody has chosen anything, the model's own sampling takes the place of the former model's.
void ChatPresenter::adoptSampling(const api::SamplingOptions& own) {
    const auto former = std::exchange(m_ownSampling, own);
    if (m_nextSettings.sampling == former)
        m_nextSettings.sampling = own;
    auto shown = m_shown->settings();
    if (m_shownIsStored || !(shown.sampling == former))
        return;
    shown.sampling = own;
    m_shown->setSettings(shown);
}

ChatSettings ChatPresenter::defaultSettings() const {
    ChatSettings settings;
    settings.sampling = m_ownSampling;
    return settings;
}

QString ChatPresenter::whyNotReady() const {
    if (m_run)
        return tr("An answer is being written.");
    if (m_replay)
        return tr("An answer is being replayed.");
    switch (m_context.model.state()) {
    case ModelPresenter::State::Loaded:
        if (!m_context.model.card()->hasTokenizer)
            return tr("This checkpoint has no tokenizer: it cannot chat.");
        return m_context.model.card()->chatFormat.empty()
                   ? tr("How models of this family are talked to is not known yet: it cannot chat.")
                   : QString();
    case ModelPresenter::State::Loading:
        return tr("The model is being loaded.");
    case ModelPresenter::State::EngineDead:
        return tr("The engine stopped. Restart it to go on.");
    default:
        return tr("Open a model first.");
    }
}

void ChatPresenter::newConversation() {
    m_shownIsStored = false;
    show(std::make_shared<Conversation>(Conversation::fresh(m_nextSettings)));
}

void ChatPresenter::openConversation(ConversationId id) {
    if (id == m_shown->id())
        return;
    if (m_run && m_run->conversation->id() == id) {
        m_shownIsStored = true;
        return show(m_run->conversation);
    }
    m_context.storage.read<std::optional<storage::StoredConversation>>(
        this, [id](storage::ChatStore& store) { return store.conversation(id); },
        [this](std::optional<storage::StoredConversation> stored) {
            if (!stored)
                return;
            m_shownIsStored = true;
            show(std::make_shared<Conversation>(std::move(*stored)));
        });
}

void ChatPresenter::show(std::shared_ptr<Conversation> conversation) {
    m_shown = std::move(conversation);
    m_removed.clear();
    m_contextUse.used = 0;
    for (const auto id : m_shown->path())
        if (const auto* message = m_shown->find(id); message->role == Role::Assistant)
            m_contextUse.used = message->facts.promptTokens + message->facts.generatedTokens;
    Q_EMIT conversationShown();
    setContextUse(m_contextUse.used);
    replayShown();
}

// A conversation that the engine still holds is in the panels already. Otherwise what was kept is shown under a session
// id of its own, which no engine knows.
void ChatPresenter::replayShown() {
    if (m_replay)
        stop();
    if (const auto live = m_sessions.find(m_shown->id())) {
        closeReplay();
        Q_EMIT sessionShown(raw(*live));
        return;
    }
    QVector<MessageId> answers;
    for (const auto id : m_shown->path())
        if (m_shown->find(id)->role == Role::Assistant)
            answers.append(id);
    if (m_engineHoldsReplay)
        closeReplay();
    const auto previous = std::exchange(m_replaySession, m_context.link.freshSession());
    m_context.storage.read<std::vector<api::Event>>(
        this,
        [answers, previous, session = m_replaySession](storage::ChatStore& store) -> Result<std::vector<api::Event>> {
            std::vector<api::Event> all;
            if (previous != SessionId{})
                all.emplace_back(api::SessionClosed{{}, previous});
            for (const auto id : answers) {
                BATHY_TRY(const auto pieces, store.answerEvents(id));
                for (const auto& piece : pieces)
                    if (auto events = bridge::decodeEvents(piece)) // what an older version wrote may not be readable
                        moveUnder(session, *events, all);
            }
            return all;
        },
        [this, session = m_replaySession](std::vector<api::Event> events) {
            if (session != m_replaySession)
                return;
            Q_EMIT replayed(std::make_shared<const std::vector<api::Event>>(std::move(events)));
            Q_EMIT sessionShown(raw(session));
        });
}

void ChatPresenter::send(const QString& text, const QVector<storage::Document>& documents) {
    if (const auto why = whyNotReady(); !why.isEmpty())
        return;
    auto question = makeMessage(*m_shown, m_shown->lastOfPath(), Role::User);
    question.content = text;
    question.documents = documents;
    if (m_shown->row().title.isEmpty())
        m_shown->setTitle(
            Conversation::titleFrom(text.isEmpty() && !documents.isEmpty() ? documents.first().name : text));
    const auto id = question.id;
    addMessage(*m_shown, std::move(question));
    startAnswer(id);
}

void ChatPresenter::addMessage(Conversation& conversation, Message message) {
    conversation.touch(message.createdMs);
    saveRow(conversation);
    m_context.storage.write([message](storage::ChatStore& store) { return store.addMessage(message); });
    const auto id = message.id;
    conversation.add(std::move(message));
    if (&conversation == m_shown.get())
        m_shownIsStored = true;
    Q_EMIT messageAdded(id);
    Q_EMIT listChanged();
}

void ChatPresenter::startAnswer(MessageId question) {
    const auto& settings = m_shown->settings();
    auto answer = makeMessage(*m_shown, question, Role::Assistant);
    answer.state = MessageState::Streaming;
    answer.facts.modelName = m_context.model.displayName();
    answer.facts.modelFingerprint = QString::fromStdString(m_context.model.card()->fingerprint);
    answer.facts.settings = settings.toJson();
    const auto generation = m_context.link.freshGeneration();
    answer.facts.generation = raw(generation);

    closeReplay(); // also one that is still being read: it must not take the panels from this answer
    m_run.emplace();
    m_sessionFailure.reset();
    m_run->conversation = m_shown;
    m_run->message = answer.id;
    m_run->generation = generation;
    m_run->facts = answer.facts;
    m_run->kept = keptFor(question);
    const auto session =
        openSession({{}, {}, generation, promptFor(*m_shown, question), settings.sampling, settings.bannedExperts});
    m_run->recorder = std::make_unique<AnswerRecorder>(m_context.storage, answer.id, generation, session);
    m_prefill = {};
    Q_EMIT sessionShown(raw(session));
    addMessage(*m_shown, std::move(answer));
    setActivity(m_run->afterReopening ? Activity::Reopening : Activity::Waiting);
}

api::ChatPrompt ChatPresenter::promptFor(const Conversation& conversation, MessageId lastMessage) {
    const auto& settings = conversation.settings();
    api::ChatPrompt prompt;
    prompt.options = {settings.thinking, settings.effort.toStdString(), true};
    if (!settings.systemText.isEmpty())
        prompt.messages.push_back({"system", settings.systemText.toStdString(), {}, {}});
    for (const auto id : conversation.path()) {
        const auto& message = *conversation.find(id);
        if (message.role == Role::Assistant && message.content.isEmpty() && message.reasoning.isEmpty())
            continue; // an answer that never began
        api::ChatMessage turn{kRoleNames.at(static_cast<std::size_t>(message.role)),
                              message.content.toStdString(),
                              message.reasoning.toStdString(),
                              {}};
        for (const auto& document : message.documents)
            turn.documents.push_back(document.text.toStdString());
        prompt.messages.push_back(std::move(turn));
        if (id == lastMessage)
            break;
    }
    return prompt;
}

void ChatPresenter::stop() {
    if ((!m_run && !m_replay) || m_activity == Activity::Stopping)
        return;
    m_context.link.cancel(m_run ? m_run->request : m_replay->request);
    setActivity(Activity::Stopping);
}

void ChatPresenter::regenerate(MessageId answer) {
    const auto* message = m_shown->find(answer);
    if (message == nullptr || message->role != Role::Assistant || !whyNotReady().isEmpty())
        return;
    const auto question = message->parent;
    startAnswer(question);
    Q_EMIT pathChanged();
}

void ChatPresenter::editAndResend(MessageId question, const QString& text) {
    const auto* old = m_shown->find(question);
    if (old == nullptr || old->role != Role::User || !whyNotReady().isEmpty())
        return;
    auto edited = makeMessage(*m_shown, old->parent, Role::User);
    edited.content = text;
    edited.documents = old->documents;
    const auto id = edited.id;
    addMessage(*m_shown, std::move(edited));
    startAnswer(id);
    Q_EMIT pathChanged();
}

void ChatPresenter::showVersion(MessageId id, int step) {
    const auto versions = m_shown->versions(id);
    const auto wanted = versions.indexOf(id) + step;
    if (wanted < 0 || wanted >= versions.size() || versions.at(wanted) == id)
        return;
    const auto other = versions.at(wanted);
    m_shown->setActive(other);
    m_context.storage.write([other](storage::ChatStore& store) { return store.setActive(other); });
    Q_EMIT pathChanged();
    replayShown();
}

void ChatPresenter::remove(MessageId id) {
    if (m_replay || (m_run && isRunningIn(*m_shown)))
        return;
    m_removed = m_shown->take(id);
    if (m_removed.isEmpty())
        return;
    m_context.storage.write([id](storage::ChatStore& store) { return store.setMessageDeleted(id, true); });
    Q_EMIT pathChanged();
}

void ChatPresenter::undoRemove() {
    if (m_removed.isEmpty())
        return;
    const auto id = m_removed.first().id;
    m_shown->putBack(std::exchange(m_removed, {}));
    m_context.storage.write([id](storage::ChatStore& store) -> Result<void> {
        BATHY_CHECK(store.setMessageDeleted(id, false));
        return store.setActive(id);
    });
    Q_EMIT pathChanged();
}

void ChatPresenter::setSettings(const ChatSettings& settings) {
    m_nextSettings = settings;
    m_nextSettings.systemText.clear();
    m_nextSettings.bannedExperts.clear();
    m_shown->setSettings(settings);
    if (m_shownIsStored)
        saveRow(*m_shown);
}

void ChatPresenter::setTitle(ConversationId id, const QString& title) {
    if (m_shown->id() == id)
        m_shown->setTitle(title);
    if (m_run && m_run->conversation->id() == id)
        m_run->conversation->setTitle(title);
}

void ChatPresenter::saveRow(const Conversation& conversation) {
    m_context.storage.write(
        [row = conversation.row()](storage::ChatStore& store) { return store.saveConversation(row); });
}

void ChatPresenter::setActivity(Activity activity) {
    m_activity = activity;
    Q_EMIT activityChanged();
}

void ChatPresenter::setContextUse(qint64 used) {
    if (!m_run || isRunningIn(*m_shown))
        m_contextUse.used = used;
    m_contextUse.limit = m_context.model.card() ? m_context.model.card()->contextLength : 0;
    Q_EMIT contextUseChanged();
}

} // namespace bathy::models
