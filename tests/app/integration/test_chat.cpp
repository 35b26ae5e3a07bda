// The chat from presenter to store with a scripted engine: every byte that must arrive is known.
#include "app/bridge/event_codec.h"
#include "app/models/conversation_export.h"
#include "app/models/document_file.h"
#include "tests/support/chat_stack.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSignalSpy>

#include <csignal>

namespace bathy {

using models::ChatPresenter;
using models::MessageState;
using models::ModelPresenter;
using tests::ask;
using tests::ChatStack;
using tests::scriptedText;
using tests::waitFor;

class ChatTest : public QObject {
    Q_OBJECT

    tests::ScriptedStacks m_stacks;

private Q_SLOTS:
    void load_broken_saysWhy_andAGoodOneFollows() {
        auto s = m_stacks.make();
        s->model.open(QStringLiteral("broken"));
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Failed; }));
        QVERIFY(s->model.failure().detail.contains(QStringLiteral("model.safetensors")));
        QVERIFY(s->load());
        QCOMPARE(s->model.recent(), QStringList{QStringLiteral("any")});
    }

    void load_endless_stopsAtOnce() {
        auto s = m_stacks.make();
        s->model.open(QStringLiteral("endless"));
        QVERIFY(waitFor([&] { return s->model.progress().totalBytes == 100; }));
        QElapsedTimer time;
        time.start();
        s->model.stop();
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Empty; }));
        QVERIFY(time.elapsed() < 300);
    }

    void host_garbage_isADeathWithAReason_notACrash() {
        auto s = m_stacks.make(QStringLiteral("--garbage"));
        s->model.open(QStringLiteral("any"));
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(!s->model.failure().detail.isEmpty());
    }

    void host_missing_isSaid() {
        ChatStack s(m_stacks.path(QStringLiteral("missing")), QStringLiteral("/nowhere/bathy"), {});
        s.model.open(QStringLiteral("any"));
        QVERIFY(waitFor([&] { return s.model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(s.model.failure().detail.contains(QStringLiteral("/nowhere/bathy")));
    }

    void restart_whileItRuns_isANewEngineWithTheSameModel() {
        auto s = m_stacks.make();
        QVERIFY(s->load());
        const auto first = s->process.processId();
        s->model.restart();
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Loaded; }));
        QVERIFY(s->process.processId() != first);
        QCOMPARE(s->model.path(), QStringLiteral("any"));
    }

    void question_rightAfterOpening_keepsThePanelsOnItsAnswer() {
        const auto folder = m_stacks.path(QStringLiteral("reopened"));
        storage::ConversationId id{};
        {
            ChatStack s(folder, tests::fakeHost(), {});
            QVERIFY(s.load());
            QVERIFY(ask(s, QStringLiteral("One")));
            id = s.chat.conversation().id();
        }
        ChatStack s(folder, tests::fakeHost(), {});
        QVERIFY(s.load());
        quint64 shown = 0, answering = 0;
        connect(&s.chat, &ChatPresenter::sessionShown, this, [&](quint64 session) { shown = session; });
        connect(&s.pump, &bridge::EventPump::eventsReady, this, [&](const bridge::EventBatch& batch) {
            for (const auto& event : *batch)
                if (const auto* started = std::get_if<api::GenerationStarted>(&event))
                    answering = raw(started->session);
        });
        // Asked while the kept events of the conversation are still being read.
        connect(&s.chat, &ChatPresenter::conversationShown, this, [&] {
            QMetaObject::invokeMethod(
                &s.chat, [&] { s.chat.send(QStringLiteral("Two")); }, Qt::QueuedConnection);
        });
        s.chat.openConversation(id);
        QVERIFY(waitFor([&] { return answering != 0; }));
        QVERIFY(s.waitIdle());
        s.storage->flush();
        QTest::qWait(20);
        QCOMPARE(shown, answering);
    }

    void replay_runsTheSameTokensAgain_andTheConversationStays() {
        auto s = m_stacks.make(QStringLiteral("--tokens 12 --rate 2000"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("What is below?")));
        const auto id = s->last().id;
        const auto content = s->last().content;
        QSignalSpy shown(&s->chat, &ChatPresenter::sessionShown);
        std::vector<ChatPresenter::ReplayOutcome> outcomes;
        connect(&s->chat, &ChatPresenter::replayEnded, this, [&](const auto& outcome) { outcomes.push_back(outcome); });
        std::int64_t promptTokens = 0;
        connect(&s->pump, &bridge::EventPump::eventsReady, this, [&](const bridge::EventBatch& batch) {
            for (const auto& event : *batch)
                if (const auto* started = std::get_if<api::GenerationStarted>(&event))
                    promptTokens = started->promptTokens;
        });
        s->chat.replay(id);
        QVERIFY(!s->chat.whyNotReady().isEmpty());
        QVERIFY(s->waitIdle());
        QCOMPARE(outcomes.size(), 1U);
        QCOMPARE(outcomes[0].expectedTokens, 12);
        QCOMPARE(outcomes[0].sameTokens, 12);
        QVERIFY(!outcomes[0].stopped);
        QCOMPARE(promptTokens, s->last().facts.promptTokens);
        QCOMPARE(shown.size(), 1);
        QCOMPARE(s->last().id, id);
        QCOMPARE(s->last().content, content);
        QVERIFY(s->chat.whyNotReady().isEmpty());
        s->chat.showOwnRun();
        QCOMPARE(shown.size(), 2);
        QVERIFY(shown.at(0) != shown.at(1));
        QVERIFY(ask(*s, QStringLiteral("And then?")));
    }

    void knockedOutExperts_goWithTheAnswer_notWithTheNextConversation() {
        auto s = m_stacks.make(QStringLiteral("--tokens 4 --rate 2000"));
        QVERIFY(s->load());
        auto settings = s->chat.conversation().settings();
        settings.bannedExperts = {{LayerId{2}, ExpertId{3}}, {LayerId{3}, ExpertId{0}}};
        s->chat.setSettings(settings);
        std::vector<ExpertRef> asked;
        connect(&s->pump, &bridge::EventPump::eventsReady, this, [&](const bridge::EventBatch& batch) {
            for (const auto& event : *batch)
                if (const auto* started = std::get_if<api::GenerationStarted>(&event))
                    asked = started->bannedExperts;
        });
        QVERIFY(ask(*s, QStringLiteral("One")));
        QCOMPARE(asked, settings.bannedExperts);
        QCOMPARE(models::ChatSettings::fromJson(s->last().facts.settings).bannedExperts, settings.bannedExperts);
        asked.clear();
        s->chat.replay(s->last().id);
        QVERIFY(s->waitIdle());
        QCOMPARE(asked, settings.bannedExperts);
        s->chat.newConversation();
        QVERIFY(s->chat.conversation().settings().bannedExperts.empty());
    }

    void sampling_ofTheModel_isTakenWhereNobodyChose() {
        auto s = m_stacks.make();
        QVERIFY(s->load(QStringLiteral("cool")));
        QCOMPARE(s->chat.conversation().settings().sampling.temperature, 0.6F);
        s->chat.newConversation();
        QCOMPARE(s->chat.conversation().settings().sampling.temperature, 0.6F);
        QCOMPARE(s->chat.defaultSettings().sampling.temperature, 0.6F);
        auto chosen = s->chat.conversation().settings();
        chosen.sampling.temperature = 1.2F;
        s->chat.setSettings(chosen);
        QVERIFY(s->load());
        QCOMPARE(s->chat.conversation().settings().sampling.temperature, 1.2F);
        s->chat.newConversation();
        QCOMPARE(s->chat.conversation().settings().sampling.temperature, 1.2F);
        QCOMPARE(s->chat.defaultSettings().sampling.temperature, 1.0F);
    }
    void settings_withBadBans_keepTheGoodOnes() {
        const auto settings = models::ChatSettings::fromJson(
            QStringLiteral(R"({"banned_experts": ["1:2", "x", "3", "4:", "-1:2", "1:2:3", 7, "5:6"]})"));
        QCOMPARE(settings.bannedExperts,
                 (std::vector<ExpertRef>{{LayerId{1}, ExpertId{2}}, {LayerId{5}, ExpertId{6}}}));
    }

    void replay_anotherModelOrNoPrompt_isRefusedWithAReason() {
        auto s = m_stacks.make(QStringLiteral("--tokens 4 --rate 2000"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("One")));
        QStringList problems;
        connect(&s->chat, &ChatPresenter::problem, this,
                [&](const models::ErrorText& problem) { problems += problem.detail; });
        const auto id = s->last().id;
        s->storage->write([id](storage::ChatStore& store) { return store.setAnswerPrompt(id, {}); });
        s->chat.replay(id);
        QVERIFY(s->waitIdle());
        QCOMPARE(problems.size(), 1);
        QVERIFY(problems.last().contains(QStringLiteral("not kept")));
        const_cast<models::Message*>(&s->last())->facts.modelFingerprint = QStringLiteral("another");
        s->chat.replay(id);
        QCOMPARE(problems.size(), 2);
        QVERIFY(problems.last().contains(QStringLiteral("Scripted")));
    }

    void replay_stopped_saysSo() {
        auto s = m_stacks.make(QStringLiteral("--tokens 400 --rate 400"));
        QVERIFY(s->load());
        s->chat.send(QStringLiteral("Count"));
        QVERIFY(waitFor([&] { return s->chat.activity() == ChatPresenter::Activity::Decode; }));
        QTest::qWait(100);
        s->chat.stop();
        QVERIFY(s->waitIdle());
        std::optional<ChatPresenter::ReplayOutcome> outcome;
        connect(&s->chat, &ChatPresenter::replayEnded, this, [&](const auto& ended) { outcome = ended; });
        s->chat.replay(s->last().id);
        s->chat.stop();
        QVERIFY(s->waitIdle());
        QVERIFY(!outcome || outcome->stopped || outcome->sameTokens == outcome->expectedTokens);
        QCOMPARE(s->last().state, MessageState::Stopped);
    }

    void answer_streams_andIsStoredWithTokensAndEvents() {
        auto s = m_stacks.make(QStringLiteral("--tokens 40 --reasoning 10"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("Hello?")));
        QCOMPARE(s->last().content, scriptedText(10, 40));
        QCOMPARE(s->last().reasoning, scriptedText(0, 10));
        QCOMPARE(s->last().state, MessageState::Done);
        QCOMPARE(s->chat.conversation().row().title, QStringLiteral("Hello?"));
        const auto id = s->last().id;
        QByteArray tokens;
        QVector<QByteArray> pieces;
        s->storage->read<QByteArray>(
            this, [id](auto& store) { return store.answerTokens(id); }, [&](QByteArray t) { tokens = std::move(t); });
        s->storage->read<QVector<QByteArray>>(
            this, [id](auto& store) { return store.answerEvents(id); },
            [&](QVector<QByteArray> p) { pieces = std::move(p); });
        QVERIFY(waitFor([&] { return !pieces.isEmpty(); }));
        QCOMPARE(tokens.size(), 40 * 4);
        int routed = 0;
        for (const auto& piece : pieces) {
            const auto events = bridge::decodeEvents(piece);
            QVERIFY(events);
            for (const auto& event : *events)
                if (const auto* records = std::get_if<api::Records>(&event))
                    for (const auto& record : records->records)
                        routed += std::holds_alternative<telemetry::RoutingEvent>(record);
        }
        QCOMPARE(routed, 40);
        QVERIFY(!bridge::decodeEvents(QByteArray("rubbish, not frames")));
    }

    void conversation_reopened_isReplayedForThePanels() {
        auto s = m_stacks.make(QStringLiteral("--tokens 5"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("One")));
        const auto id = s->chat.conversation().id();
        s->model.open(QStringLiteral("other")); // closes the engine's sessions
        QVERIFY(s->load());
        s->chat.newConversation();
        QSignalSpy replayed(&s->chat, &ChatPresenter::replayed);
        s->chat.openConversation(id);
        QVERIFY(waitFor([&] {
            return std::any_of(replayed.begin(), replayed.end(), [](const QVariantList& call) {
                const auto batch = call.first().value<bridge::EventBatch>();
                return std::any_of(batch->begin(), batch->end(), [](const api::Event& e) {
                    return std::holds_alternative<api::GenerationStarted>(e);
                });
            });
        }));
        QCOMPARE(s->last().content, scriptedText(0, 5));
    }

    void stop_isSeenAtOnce_andKeepsThePart() {
        auto s = m_stacks.make(QStringLiteral("--tokens 100000 --rate 300"));
        QVERIFY(s->load());
        s->chat.send(QStringLiteral("Go on for ever."));
        QVERIFY(waitFor([&] { return s->last().content.size() > 50; }));
        QElapsedTimer time;
        time.start();
        s->chat.stop();
        QCOMPARE(s->chat.activity(), ChatPresenter::Activity::Stopping);
        QVERIFY(s->waitIdle());
        QVERIFY2(time.elapsed() <= 300, qPrintable(QString::number(time.elapsed())));
        QCOMPARE(s->last().state, MessageState::Stopped);
        QVERIFY(scriptedText(0, 100000).startsWith(s->last().content));
    }

    void regenerate_edit_versions_deleteAndUndo() {
        auto s = m_stacks.make(QStringLiteral("--tokens 3 --rate 1000"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("First")));
        const auto question = s->chat.conversation().path().first();
        const auto answer = s->chat.conversation().lastOfPath();
        s->chat.regenerate(answer);
        QVERIFY(s->waitIdle());
        const auto second = s->chat.conversation().lastOfPath();
        QVERIFY(second != answer);
        QCOMPARE(s->chat.conversation().versions(second).size(), 2);
        s->chat.showVersion(second, -1);
        QCOMPARE(s->chat.conversation().lastOfPath(), answer);
        s->chat.showVersion(answer, -1); // there is none
        QCOMPARE(s->chat.conversation().lastOfPath(), answer);

        s->chat.editAndResend(question, QStringLiteral("Second"));
        QVERIFY(s->waitIdle());
        QCOMPARE(s->chat.conversation().path().size(), 2);
        QCOMPARE(s->chat.conversation().find(s->chat.conversation().path().first())->content, QStringLiteral("Second"));
        const auto edited = s->chat.conversation().path().first();
        s->chat.remove(edited);
        QCOMPARE(s->chat.conversation().path().first(), question);
        s->chat.undoRemove();
        QCOMPARE(s->chat.conversation().path().first(), edited);

        const auto id = s->chat.conversation().id(); // the store tells the same
        s->chat.newConversation();
        s->chat.openConversation(id);
        QVERIFY(waitFor([&] { return s->chat.conversation().id() == id; }));
        QCOMPARE(s->chat.conversation().path().first(), edited);
        QCOMPARE(s->chat.conversation().all().size(), 5);
    }

    void appKilled_everythingUpToTheLastQuarterSecondIsThere() {
        const auto folder = m_stacks.path(QStringLiteral("killed"));
        QProcess app;
        app.start(QStringLiteral(BATHY_BINARY_DIR "/tests/chat_writer"),
                  {folder, QStringLiteral("any"), tests::fakeHost(), QStringLiteral("--tokens"),
                   QStringLiteral("100000"), QStringLiteral("--rate"), QStringLiteral("400")});
        QVERIFY(app.waitForStarted());
        struct Seen {
            qint64 ms;
            qint64 characters;
        };
        QVector<Seen> seen;
        QElapsedTimer time;
        time.start();
        while (time.elapsed() < 2500) {
            app.waitForReadyRead(20);
            while (app.canReadLine())
                seen.append({time.elapsed(), app.readLine().trimmed().toLongLong()});
        }
        ::kill(static_cast<pid_t>(app.processId()), SIGKILL);
        const auto killed = time.elapsed();
        QVERIFY(app.waitForFinished());
        QVERIFY2(!seen.isEmpty(), app.readAllStandardError().constData());
        qint64 must = 0; // what was on screen a quarter of a second before the end
        for (const auto& s : seen)
            if (s.ms <= killed - 250)
                must = s.characters;
        QVERIFY(must > 100);

        auto storage = storage::Storage::open(folder);
        QVERIFY(storage);
        QCOMPARE((*storage)->opening().recoveredAnswers, 1);
        models::ConversationListModel list(**storage);
        QVERIFY(waitFor([&] { return list.rowCount() == 1; }));
        std::optional<storage::StoredConversation> stored;
        (*storage)->read<std::optional<storage::StoredConversation>>(
            this, [id = list.idAt(0)](auto& store) { return store.conversation(id); },
            [&](auto found) { stored = std::move(found); });
        QVERIFY(waitFor([&] { return stored.has_value(); }));
        const auto& answer = stored->messages.last();
        QCOMPARE(stored->messages.first().content, QStringLiteral("Tell me a long story."));
        QCOMPARE(answer.state, MessageState::Interrupted);
        QVERIFY(scriptedText(0, 100000).startsWith(answer.content));
        QVERIFY2(answer.content.size() >= must,
                 qPrintable(QStringLiteral("%1 of %2").arg(answer.content.size()).arg(must)));
    }

    void list_searchRenameDelete_asAModel() {
        auto s = m_stacks.make(QStringLiteral("--tokens 2 --rate 1000"));
        QVERIFY(s->load());
        QAbstractItemModelTester tester(&s->list, QAbstractItemModelTester::FailureReportingMode::Fatal);
        for (const auto* text : {"Apples", "Oranges", "Plums"}) {
            s->chat.newConversation();
            QVERIFY(ask(*s, QLatin1String(text)));
        }
        QVERIFY(waitFor([&] { return s->list.rowCount() == 3; }));
        QCOMPARE(s->list.index(0).data().toString(), QStringLiteral("Plums"));
        s->list.search(QStringLiteral("rang"));
        QVERIFY(waitFor([&] { return s->list.rowCount() == 1; }));
        QVERIFY(s->list.setData(s->list.index(0), QStringLiteral("Citrus"), Qt::EditRole));
        s->list.search({});
        QVERIFY(waitFor([&] { return s->list.rowCount() == 3; }));
        QCOMPARE(s->list.index(1).data().toString(), QStringLiteral("Citrus"));
        s->list.remove(s->list.idAt(1));
        QCOMPARE(s->list.rowCount(), 2);
        s->list.undoRemove();
        QVERIFY(waitFor([&] { return s->list.rowCount() == 3; }));
    }

    void export_markdownShowsThePath_jsonEveryVersion() {
        auto s = m_stacks.make(QStringLiteral("--tokens 3 --reasoning 1 --rate 1000"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("Say: a/b?")));
        s->chat.regenerate(s->chat.conversation().lastOfPath());
        QVERIFY(s->waitIdle());
        const auto markdown = models::toMarkdown(s->chat.conversation());
        QVERIFY(markdown.contains(QStringLiteral("> w0")) || markdown.contains(QStringLiteral(">  w0")));
        QCOMPARE(markdown.count(QStringLiteral("w1 w2")), 1);
        const auto json = QJsonDocument::fromJson(models::toJson(s->chat.conversation())).object();
        QCOMPARE(json.value(QStringLiteral("messages")).toArray().size(), 3);
        QCOMPARE(models::exportName(s->chat.conversation()), QStringLiteral("Say a b"));
    }

    void settings_roundTrip_andHostileJson() {
        models::ChatSettings settings;
        settings.sampling.temperature = 0.25F;
        settings.sampling.seed = 12345678901234567890ULL;
        settings.sampling.stop = {"END"};
        settings.thinking = api::ThinkingMode::Thinking;
        settings.systemText = QStringLiteral("Be brief.");
        const auto back = models::ChatSettings::fromJson(settings.toJson());
        QCOMPARE(back.toJson(), settings.toJson());
        QCOMPARE(back.sampling.seed, settings.sampling.seed);
        const auto bad =
            models::ChatSettings::fromJson(QStringLiteral(R"({"temperature": 1e300, "top_k": "x", "stop": 3})"));
        QCOMPARE(bad.sampling.temperature, 5.0F);
        QCOMPARE(bad.sampling.topK, 0);
        QCOMPARE(models::ChatSettings::fromJson(QStringLiteral("[[[")).sampling.topP, 1.0F);
    }

    void document_textIsTaken_otherFilesAreRefused() {
        const auto path = m_stacks.path(QStringLiteral("doc.md"));
        const auto put = [&](const QByteArray& bytes) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        };
        put("\xef\xbb\xbf# Caf\xc3\xa9\r\n");
        QCOMPARE(models::readDocument(path)->text, QStringLiteral("# Café\n"));
        put(QByteArray("\x7f"
                       "ELF\0\0\0",
                       7));
        QCOMPARE(models::readDocument(path).error().code(), ErrorCode::BadFile);
        put("\xff\xfe\xfd broken \xc3");
        QVERIFY(!models::readDocument(path) || !models::readDocument(path)->text.isEmpty());
        QCOMPARE(models::readDocument(m_stacks.path({})).error().code(), ErrorCode::BadFile);
        QCOMPARE(models::readDocument(QStringLiteral("/nowhere")).error().code(), ErrorCode::NotFound);
    }
};

} // namespace bathy

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    QLocale::setDefault(QLocale::c());
    bathy::ChatTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_chat.moc"
