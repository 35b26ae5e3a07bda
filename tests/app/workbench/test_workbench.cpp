// The real workbench with the real engine host and the bundled checkpoint.
#include "app/workbench/workbench.h"

#include "app/panels/chat/transcript_document.h"
#include "app/panels/memory/memory_panel.h"
#include "app/panels/routing/routing_panel.h"
#include "app/panels/tokens/token_card.h"
#include "app/shell/workspaces.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <optional>

namespace bathy::workbench {
namespace {

constexpr int kLoadMs = 30000;
constexpr int kAnswerMs = 60000;
constexpr int kPaintMs = 5000;
constexpr qint64 kStopMs = 300;

using Activity = models::ChatPresenter::Activity;
using ModelState = models::ModelPresenter::State;

} // namespace

class WorkbenchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        open();
    }

    void cleanup() {
        m_workbench.reset();
        m_folder.reset();
    }

    void question_answered_fillsEveryPanel() {
        ask(QStringLiteral("Write a short story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(answered(), kAnswerMs);
        const auto run = m_workbench->runs().snapshot();
        const auto& card = *m_workbench->model().card();
        QTRY_COMPARE_WITH_TIMEOUT(routing().content().tokens.end, run->tokenCount, kPaintMs);
        // So many experts for each token and layer, and nothing dropped. The last token ends the answer and is not
        // read.
        QCOMPARE(chosen(), (routing().content().tokens.size() - 1) * static_cast<qint64>(card.layers.size()) *
                               card.expertsPerToken);
        QTRY_VERIFY_WITH_TIMEOUT(!tokenCard().facts().tokens.isEmpty(), kPaintMs);
        QTRY_VERIFY_WITH_TIMEOUT(!memory().isEmpty(), kPaintMs);
        QVERIFY(run->kv && run->lastAnswer()->end > run->lastAnswer()->begin);
    }

    void token_selected_isFollowedByEveryPanel() {
        ask(QStringLiteral("Write a short story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(answered(), kAnswerMs);
        const auto run = m_workbench->runs().snapshot();
        const auto position = run->lastAnswer()->begin + 2;
        routing().setScope(panels::RoutingScope::SelectedTokens);
        m_workbench->selection().selectToken(position);
        QTRY_COMPARE_WITH_TIMEOUT(routing().content().tokens, (bridge::TokenRange{position, position + 1}), kPaintMs);
        QTRY_COMPARE_WITH_TIMEOUT(tokenCard().facts().tokens.begin, position, kPaintMs);
        QTRY_COMPARE_WITH_TIMEOUT(memory().content().history.marker, static_cast<double>(position), kPaintMs);

        m_workbench->window().actions().find(QStringLiteral("inspect.next"))->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(tokenCard().facts().tokens.begin, position + 1, kPaintMs);
        QTRY_COMPARE_WITH_TIMEOUT(memory().content().history.marker, static_cast<double>(position + 1), kPaintMs);

        routing().setLocked(true);
        m_workbench->selection().selectToken(position);
        QTRY_COMPARE_WITH_TIMEOUT(tokenCard().facts().tokens.begin, position, kPaintMs);
        QCOMPARE(routing().content().tokens.begin, position + 1);
    }

    void replay_fillsThePanelsForThePromptToo() {
        ask(QStringLiteral("Write a short story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(answered(), kAnswerMs);
        const auto answer = m_workbench->chat().conversation().lastOfPath();
        // As after a new start: only what was kept is in the panels.
        m_workbench->chat().newConversation();
        m_workbench->model().restart();
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->model().state(), ModelState::Loaded, kLoadMs);
        m_workbench->chat().openConversation(m_workbench->conversations().idAt(0));
        QTRY_VERIFY_WITH_TIMEOUT(m_workbench->runs().snapshot() && m_workbench->runs().snapshot()->lastAnswer(),
                                 kPaintMs);
        const auto kept = m_workbench->runs().snapshot();
        QVERIFY(kept->routing(0, 0).empty());

        std::optional<models::ChatPresenter::ReplayOutcome> outcome;
        connect(&m_workbench->chat(), &models::ChatPresenter::replayEnded, this,
                [&](const auto& ended) { outcome = ended; });
        m_workbench->chat().replay(answer);
        QTRY_VERIFY_WITH_TIMEOUT(outcome.has_value(), kAnswerMs);
        QCOMPARE(outcome->sameTokens, outcome->expectedTokens);
        QVERIFY(!outcome->stopped);
        const auto replayed = m_workbench->runs().snapshot();
        QVERIFY(replayed->session != kept->session);
        QCOMPARE(replayed->lastAnswer()->begin, kept->lastAnswer()->begin);
        for (int layer = 0; layer < replayed->layers; ++layer) {
            QVERIFY(!replayed->routing(0, layer).empty());
            const auto first = kept->lastAnswer()->begin;
            QCOMPARE(replayed->routing(first, layer).front().expert, kept->routing(first, layer).front().expert);
        }
        m_workbench->chat().showOwnRun();
        QTRY_VERIFY_WITH_TIMEOUT(m_workbench->runs().snapshot() && m_workbench->runs().snapshot()->lastAnswer() &&
                                     m_workbench->runs().snapshot()->session != replayed->session,
                                 kPaintMs);
    }

    void knockedOutExpert_isNotAskedAndNamedInTheFoot() {
        const ExpertRef banned{LayerId{3}, ExpertId{5}};
        m_workbench->bans().add(banned);
        ask(QStringLiteral("Write a short story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(answered(), kAnswerMs);
        QCOMPARE(m_workbench->runs().snapshot()->totals->count(3, 5), 0U);
        const auto& conversation = m_workbench->chat().conversation();
        QVERIFY(panels::TranscriptDocument::footText(*conversation.find(conversation.lastOfPath()))
                    .contains(QStringLiteral("without expert 3:5")));
        m_workbench->chat().newConversation();
        QVERIFY(m_workbench->bans().list().empty());
    }

    void stop_whileWriting_isAnsweredInTime() {
        auto settings = m_workbench->chat().conversation().settings();
        settings.sampling.maxTokens = 0;
        m_workbench->chat().setSettings(settings);
        ask(QStringLiteral("Write a long story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(m_workbench->chat().activity() == Activity::Decode || answered(), kAnswerMs);
        QElapsedTimer clock;
        clock.start();
        m_workbench->chat().stop();
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->chat().activity(), Activity::Idle, kLoadMs);
        QVERIFY2(clock.elapsed() <= kStopMs, qPrintable(QString::number(clock.elapsed())));
    }

    void host_killed_keepsTheWindowAndComesBack() {
        ask(QStringLiteral("Write a short story about a boat."));
        QTRY_VERIFY_WITH_TIMEOUT(answered(), kAnswerMs);
        const auto messages = m_workbench->chat().conversation().path().size();
        QProcess::execute(QStringLiteral("kill"),
                          {QStringLiteral("-9"), QString::number(m_workbench->engine().processId())});
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->model().state(), ModelState::EngineDead, kLoadMs);
        QVERIFY(m_workbench->window().isVisible());
        m_workbench->window().actions().find(QStringLiteral("model.restart"))->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->model().state(), ModelState::Loaded, kLoadMs);
        QCOMPARE(m_workbench->chat().conversation().path().size(), messages);
        ask(QStringLiteral("And another one."));
        QTRY_VERIFY_WITH_TIMEOUT(m_workbench->chat().activity() == Activity::Idle &&
                                     m_workbench->chat().conversation().path().size() == messages + 2,
                                 kAnswerMs);
    }

    void program_killed_everythingIsThereAtTheNextStart() {
        m_workbench.reset();
        const QTemporaryDir pictures;
        QProcess program;
        program.setProgram(QStringLiteral(BATHY_BINARY_DIR "/bin/bathyscope"));
        program.setArguments({QStringLiteral("--data"), m_folder->path(), QStringLiteral("--shot"), pictures.path(),
                              QStringLiteral("bundled")});
        program.start();
        // The program asks its question right after its first picture.
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(pictures.filePath(QStringLiteral("empty-chat-light.png"))), kLoadMs);
        QTRY_VERIFY_WITH_TIMEOUT(somethingOfAnAnswerIsStored(), kAnswerMs);
        program.kill();
        QVERIFY(program.waitForFinished(kLoadMs));
        QCOMPARE(program.exitStatus(), QProcess::CrashExit);

        open();
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->conversations().rowCount(), 1, kPaintMs);
        m_workbench->chat().openConversation(m_workbench->conversations().idAt(0));
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->chat().conversation().path().size(), 2, kPaintMs);
        const auto& conversation = m_workbench->chat().conversation();
        const auto* answer = conversation.find(conversation.path().last());
        QVERIFY(answer->state != models::MessageState::Streaming);
        QVERIFY(!answer->content.isEmpty());
        // Its tokens are there as well, for the panels.
        QTRY_VERIFY_WITH_TIMEOUT(m_workbench->runs().snapshot() && m_workbench->runs().snapshot()->lastAnswer(),
                                 kPaintMs);
    }

private:
    // Looked up from outside while the program that writes it runs.
    bool somethingOfAnAnswerIsStored() const {
        const auto name = QStringLiteral("from outside");
        bool found = false;
        {
            auto database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
            database.setDatabaseName(m_folder->filePath(QStringLiteral("conversations.db")));
            database.setConnectOptions(QStringLiteral("QSQLITE_OPEN_READONLY"));
            if (database.open()) {
                QSqlQuery query(database);
                found =
                    query.exec(QStringLiteral("SELECT 1 FROM messages WHERE role = 'assistant' AND content <> ''")) &&
                    query.next();
            }
        }
        QSqlDatabase::removeDatabase(name);
        return found;
    }

    void open() {
        WorkbenchOptions options;
        options.settingsFile = m_folder->filePath(QStringLiteral("settings.ini"));
        options.dataFolder = m_folder->path();
        options.engineProgram = QStringLiteral(BATHY_BINARY_DIR "/bin/bathy");
        options.model = QStringLiteral("bundled");
        auto workbench = Workbench::create(options);
        QVERIFY2(workbench.has_value(), workbench ? "" : workbench.error().what().c_str());
        m_workbench = std::move(*workbench);
        m_workbench->start();
        m_workbench->window().workspaces().switchTo(shell::Workspace::Inspect);
        QTRY_COMPARE_WITH_TIMEOUT(m_workbench->model().state(), ModelState::Loaded, kLoadMs);
    }

    void ask(const QString& text) {
        QCOMPARE(m_workbench->chat().whyNotReady(), QString());
        m_workbench->chat().send(text);
    }

    bool answered() const {
        const auto run = m_workbench->runs().snapshot();
        return m_workbench->chat().activity() == Activity::Idle && run && run->lastAnswer() &&
               run->lastAnswer()->finished;
    }

    qint64 chosen() const {
        qint64 sum = 0;
        const auto& content = m_workbench->window().findChild<panels::RoutingPanel*>()->content();
        for (int layer = 0; layer < content.totals->layers(); ++layer)
            sum += static_cast<qint64>(content.totals->layerCount(layer));
        return sum;
    }

    panels::RoutingPanel& routing() const { return *m_workbench->window().findChild<panels::RoutingPanel*>(); }
    panels::MemoryPanel& memory() const { return *m_workbench->window().findChild<panels::MemoryPanel*>(); }
    panels::TokenCard& tokenCard() const { return *m_workbench->window().findChild<panels::TokenCard*>(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Workbench> m_workbench;
};

} // namespace bathy::workbench

QTEST_MAIN(bathy::workbench::WorkbenchTest)
#include "test_workbench.moc"
