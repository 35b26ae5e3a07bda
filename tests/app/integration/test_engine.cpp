// The chat with the real engine host and the bundled checkpoint.
#include "app/panels/chat/chat_panel.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/transcript_view.h"
#include "tests/support/chat_stack.h"

#include <QApplication>
#include <QFileInfo>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>

#include <csignal>

namespace bathy {

using models::ChatPresenter;
using models::MessageState;
using models::ModelPresenter;
using tests::ChatStack;
using tests::waitFor;

class EngineTest : public QObject {
    Q_OBJECT

    static constexpr int kPatienceMs = 60000; // a sanitizer build on a busy machine
    QTemporaryDir m_folder;
    QString m_host = QStringLiteral(BATHY_BINARY_DIR "/bin/bathy");
    QString m_model = QStringLiteral(BATHY_SOURCE_DIR "/resources/checkpoints/nano");

    std::unique_ptr<ChatStack> stack(const QString& name) {
        return std::make_unique<ChatStack>(m_folder.filePath(name), m_host, bridge::EngineProcess::defaultArguments());
    }
    static void answerAtLength(ChatStack& s) {
        auto settings = s.chat.conversation().settings();
        settings.sampling.maxTokens = 4000;
        settings.sampling.seed = 7;
        s.chat.setSettings(settings);
        s.chat.send(QStringLiteral("Tell me a long story about the sea."));
    }

private Q_SLOTS:
    void initTestCase() {
        if (!QFileInfo::exists(m_model))
            QSKIP("there is no bundled checkpoint in this tree");
    }

    void firstToken_isOnScreen() {
        auto s = stack(QStringLiteral("first"));
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(900, 700);
        panel.show();
        QVERIFY2(s->load(m_model, kPatienceMs), qPrintable(s->model.failure().detail + s->process.lastWords()));
        QCOMPARE(s->chat.whyNotReady(), QString());
        answerAtLength(*s);
        QVERIFY(waitFor([&] { return !s->last().content.trimmed().isEmpty() || !s->last().reasoning.isEmpty(); },
                        kPatienceMs));
        panel.transcript().synchronise();
        const auto& items = panel.transcript().document().items();
        QVERIFY(std::any_of(items.begin(), items.end(), [&](const auto& item) {
            return item.message == s->last().id &&
                   (item.kind == panels::ItemKind::Block || item.kind == panels::ItemKind::Fold);
        }));
        s->chat.stop();
        QVERIFY(s->waitIdle(kPatienceMs));
    }

    void stop_whileItWrites_takesAtMost300ms() {
        auto s = stack(QStringLiteral("stop"));
        QVERIFY(s->load(m_model, kPatienceMs));
        answerAtLength(*s);
        QVERIFY(waitFor(
            [&] {
                return s->chat.activity() == ChatPresenter::Activity::Decode ||
                       s->chat.activity() == ChatPresenter::Activity::Idle;
            },
            kPatienceMs));
        if (s->chat.activity() == ChatPresenter::Activity::Idle)
            QSKIP("the answer was over before it could be stopped");
        QElapsedTimer time;
        time.start();
        s->chat.stop();
        QVERIFY(s->waitIdle(kPatienceMs));
        qInfo("stopped after %lld ms", static_cast<long long>(time.elapsed()));
        QVERIFY(time.elapsed() <= 300);
        QCOMPARE(s->last().state, MessageState::Stopped);
    }

    void hostKilled_chatIsKept_andGoesOnAfterRestart() {
        auto s = stack(QStringLiteral("death"));
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.show();
        QVERIFY(s->load(m_model, kPatienceMs));
        answerAtLength(*s);
        QVERIFY(waitFor(
            [&] {
                return s->last().content.size() + s->last().reasoning.size() > 20 ||
                       s->chat.activity() == ChatPresenter::Activity::Idle;
            },
            kPatienceMs));
        const auto had = s->last().content;
        ::kill(static_cast<pid_t>(s->process.processId()), SIGKILL);
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(s->waitIdle());
        QVERIFY(s->last().content.startsWith(had));
        QVERIFY(s->last().state == MessageState::Interrupted || s->last().state == MessageState::Done);
        QVERIFY(panel.isVisible() && panel.notice().isVisible());
        const auto partial = s->last().content;
        QTest::mouseClick(panel.notice().button(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Loaded; }, kPatienceMs));
        QCOMPARE(s->last().content, partial);
        auto settings = s->chat.conversation().settings();
        settings.sampling.maxTokens = 4;
        s->chat.setSettings(settings);
        s->chat.send(QStringLiteral("Go on."));
        QVERIFY(s->waitIdle(kPatienceMs));
        QCOMPARE(s->last().state, MessageState::Done);
        QCOMPARE(s->chat.conversation().path().size(), 4);
    }

    void engineRestarted_goesOnFromWhatWasKept_andItIsTheSame() {
        auto s = stack(QStringLiteral("kept"));
        QVERIFY(s->load(m_model, kPatienceMs));
        auto settings = s->chat.conversation().settings();
        settings.sampling.maxTokens = 8;
        settings.sampling.temperature = 0;
        s->chat.setSettings(settings);
        s->chat.send(QStringLiteral("The boat lay on the beach and nobody came. ").repeated(60));
        QVERIFY(s->waitIdle(kPatienceMs));
        QVERIFY(waitFor([&] { return !s->last().snapshot.isEmpty(); }, kPatienceMs));
        const auto question = s->last().parent;
        const auto read = s->last().facts.promptTokens;
        QVERIFY(read > models::SnapshotPresenter::kFewestTokens);
        const auto content = s->last().content;
        s->model.restart();
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Loaded; }, kPatienceMs));
        s->chat.regenerate(s->last().id);
        QVERIFY(s->waitIdle(kPatienceMs));
        QCOMPARE(s->last().parent, question);
        QCOMPARE(s->last().content, content);
        QVERIFY2(s->last().facts.reusedTokens > read * 9 / 10,
                 qPrintable(QString::number(s->last().facts.reusedTokens)));
    }

    void appKilled_reopened_nothingIsLost() {
        const auto folder = m_folder.filePath(QStringLiteral("app"));
        QProcess app;
        app.start(QStringLiteral(BATHY_BINARY_DIR "/tests/chat_writer"),
                  QStringList{folder, m_model, m_host} + bridge::EngineProcess::defaultArguments());
        QVERIFY(app.waitForStarted());
        QVERIFY2(app.waitForReadyRead(kPatienceMs), app.readAllStandardError().constData());
        QTest::qWait(100);
        qint64 seen = 0;
        while (app.canReadLine())
            seen = app.readLine().trimmed().toLongLong();
        QTest::qWait(250);
        ::kill(static_cast<pid_t>(app.processId()), SIGKILL);
        QVERIFY(app.waitForFinished());
        ChatStack again(folder, m_host, bridge::EngineProcess::defaultArguments());
        QVERIFY(waitFor([&] { return again.list.rowCount() == 1; }));
        again.chat.openConversation(again.list.idAt(0));
        QVERIFY(waitFor([&] { return again.chat.conversation().id() == again.list.idAt(0); }));
        QCOMPARE(again.chat.conversation().path().size(), 2);
        QVERIFY(again.last().content.size() >= seen);
        QVERIFY(again.last().state != MessageState::Streaming);
    }
};

} // namespace bathy

QTEST_MAIN(bathy::EngineTest)
#include "test_engine.moc"
