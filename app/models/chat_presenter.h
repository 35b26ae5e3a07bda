// The conversation on screen and the answer that runs: takes what the user does, talks to engine and store, says what
// changed. An answer goes on when another conversation is shown meanwhile. UI thread.
#pragma once

#include "app/bridge/event_pump.h"
#include "app/models/answer_recorder.h"
#include "app/models/conversation.h"
#include "app/models/error_text.h"
#include "app/models/session_pool.h"
#include "app/models/session_tokens.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>

namespace bathy::bridge {
class EngineLink;
}
namespace bathy::storage {
class Storage;
}

namespace bathy::models {

class ModelPresenter;
class SnapshotPresenter;

class ChatPresenter : public QObject {
    Q_OBJECT
public:
    struct Context { // all outlive the presenter
        bridge::EngineLink& link;
        bridge::EventPump& pump;
        storage::Storage& storage;
        ModelPresenter& model;
        SnapshotPresenter& snapshots;
    };
    enum class Activity { Idle, Waiting, Reopening, Prefill, Decode, Stopping };
    Q_ENUM(Activity)

    struct Prefill {
        qint64 doneTokens = 0;
        qint64 totalTokens = 0;
        double tokensPerSecond = 0;
        double secondsLeft = 0;
    };
    struct ContextUse {
        qint64 used = 0;  // tokens the session holds after the last turn
        qint64 limit = 0; // 0: no model
    };

    struct ReplayOutcome {
        qint64 expectedTokens = 0; // that the answer had
        qint64 sameTokens = 0;     // that came again, from the first on
        bool stopped = false;      // by the user, or because the engine ended
    };

    explicit ChatPresenter(const Context& context, QObject* parent = nullptr);
    ~ChatPresenter() override;

    const Conversation& conversation() const { return *m_shown; }
    void newConversation();
    void openConversation(ConversationId id);
    // Empty when a message can be sent; otherwise why not.
    QString whyNotReady() const;

    void send(const QString& text, const QVector<storage::Document>& documents = {});
    void stop();
    void regenerate(MessageId answer);                           // a new version of it
    void editAndResend(MessageId question, const QString& text); // a new version of the question and an answer to it
    // Runs an answer once more from the tokens, settings and seed it was made with, for the inspection panels only: the
    // conversation stays as it is. Says problem() when that cannot be done.
    void replay(MessageId answer);
    void showVersion(MessageId id, int step); // -1 older, +1 newer
    void remove(MessageId id);                // with all below it
    // Brings the shown conversation's own run back into the inspection panels, after a replay.
    void showOwnRun() { replayShown(); }
    bool canUndoRemove() const { return !m_removed.isEmpty(); }
    void undoRemove();
    void setSettings(const ChatSettings& settings); // of the shown conversation; also the start of the next new one
    // What new conversations begin with: the model's own sampling.
    ChatSettings defaultSettings() const;
    void setTitle(ConversationId id, const QString& title);

    Activity activity() const { return m_activity; } // of the answer that runs, wherever it is
    MessageId runningMessage() const { return m_run ? m_run->message : MessageId{}; }
    const Prefill& prefill() const { return m_prefill; }
    double tokensPerSecond() const; // of the answer that runs; 0 before the second token
    ContextUse contextUse() const { return m_contextUse; }

    // How many tokens a text is; `done` is not called when the engine cannot say. Answers come in any order.
    void countTokens(const QString& text, QObject* context, std::function<void(qint64)> done);

Q_SIGNALS:
    void conversationShown();                          // another one: everything changed
    void pathChanged();                                // other messages of the same one are shown
    void messageAdded(bathy::storage::MessageId id);   // at the end of the path
    void messageGrew(bathy::storage::MessageId id);    // its text or reasoning got longer
    void messageChanged(bathy::storage::MessageId id); // its state or facts
    void activityChanged();
    void prefillChanged();
    void contextUseChanged();
    void listChanged(); // titles, order, new or deleted conversations
    void problem(const bathy::models::ErrorText& text);
    // For the inspection panels: which engine session the shown conversation is now, and the kept events of its
    // answers, oldest first, under that session's id.
    void sessionShown(quint64 session); // a SessionId; its underlying type is not one that signals carry
    void replayed(bathy::bridge::EventBatch events);
    void replayEnded(const bathy::models::ChatPresenter::ReplayOutcome& outcome);

private:
    struct Run {
        std::shared_ptr<Conversation> conversation;
        MessageId message{};
        api::RequestId request{}; // what the engine is at: reopening, or the answer itself
        GenerationId generation{};
        std::optional<api::Generate> afterReopening; // what is asked when the session stands
        QStringList kept;                            // snapshots that can be gone on from; the one being reopened first
        std::unique_ptr<AnswerRecorder> recorder;
        storage::AnswerFacts facts;
        qint64 tokens = 0;
        QElapsedTimer sinceFirstToken;
    };
    struct Replay {
        MessageId message{};
        api::RequestId request{}; // 0: what it needs is still being read
        GenerationId generation{};
        std::vector<TokenId> expected;
        std::size_t seen = 0;
        std::size_t same = 0;
    };
    struct Count {
        QPointer<QObject> context;
        std::function<void(qint64)> done;
    };

    void show(std::shared_ptr<Conversation> conversation);
    void replayShown();
    void addMessage(Conversation& conversation, Message message);
    void startAnswer(MessageId question);
    QStringList keptFor(MessageId question) const;
    SessionId openSession(api::Generate ask);
    void ask(api::Generate ask);
    void takeRestored(const api::SessionRestored& restored);
    bool readInstead(const Error& error);
    void keepState(const Run& run);
    void takeKept(MessageId answer, const QString& snapshot);
    static api::ChatPrompt promptFor(const Conversation& conversation, MessageId lastMessage);
    void take(const std::vector<api::Event>& events);
    void takeForRun(const api::Event& event);
    void takeStarted(const api::GenerationStarted& started);
    void takeText(const api::TextDelta& delta);
    void takeRecords(const api::Records& records);
    void finishRun(const api::GenerationFinished& finished);
    void failRun(const Error& error);
    void endRun(MessageState state);
    void startReplay(const QByteArray& prompt, const QByteArray& answer);
    void takeForReplay(const api::Event& event);
    void endReplay(bool stopped);
    void closeReplay();
    void takeProgress(const api::Progress& progress, api::RequestId request);
    void takeCount(const api::PromptEncoded& encoded);
    void modelChanged();
    void adoptSampling(const api::SamplingOptions& own);
    void setActivity(Activity activity);
    void setContextUse(qint64 used);
    void saveRow(const Conversation& conversation);
    bool isRunningIn(const Conversation& conversation) const {
        return m_run && m_run->conversation.get() == &conversation;
    }

    Context m_context;
    SessionPool m_sessions;
    std::shared_ptr<Conversation> m_shown;
    bool m_shownIsStored = false;
    ChatSettings m_nextSettings;
    api::SamplingOptions m_ownSampling; // what the model that is open, or was last, suggests
    std::optional<Run> m_run;
    SessionTokens m_tokens;
    std::optional<Replay> m_replay;
    std::optional<Error> m_sessionFailure; // why the running answer's session did not open
    Activity m_activity = Activity::Idle;
    Prefill m_prefill;
    ContextUse m_contextUse;
    QVector<Message> m_removed;
    SessionId m_replaySession{}; // stands for what was replayed last; 0: nothing
    bool m_engineHoldsReplay = false;
    QHash<quint64, Count> m_counts; // by request id
};

} // namespace bathy::models
