// The chat from panel to store with a scripted engine: every byte that must arrive is known.
#include "app/bridge/event_codec.h"
#include "app/models/conversation_export.h"
#include "app/models/document_file.h"
#include "app/panels/chat/chat_panel.h"
#include "app/panels/chat/composer.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/transcript_view.h"
#include "app/panels/models/models_panel.h"
#include "tests/support/chat_stack.h"
#include "tests/support/shots.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <csignal>

namespace bathy {

using models::ChatPresenter;
using models::MessageState;
using models::ModelPresenter;
using panels::RowAction;
using tests::ChatStack;
using tests::scriptedText;
using tests::waitFor;

class ChatTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_stacks = 0;

    std::unique_ptr<ChatStack> stack(const QString& arguments = {}) {
        return std::make_unique<ChatStack>(m_folder.filePath(QString::number(++m_stacks)), tests::fakeHost(),
                                           arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts));
    }
    static bool ask(ChatStack& s, const QString& text) {
        s.chat.send(text);
        return s.waitIdle();
    }

private Q_SLOTS:
    void load_broken_saysWhy_andAGoodOneFollows() {
        auto s = stack();
        s->model.open(QStringLiteral("broken"));
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Failed; }));
        QVERIFY(s->model.failure().detail.contains(QStringLiteral("model.safetensors")));
        QVERIFY(s->load());
        QCOMPARE(s->model.recent(), QStringList{QStringLiteral("any")});
    }

    void load_endless_stopsAtOnce() {
        auto s = stack();
        s->model.open(QStringLiteral("endless"));
        QVERIFY(waitFor([&] { return s->model.progress().totalBytes == 100; }));
        QElapsedTimer time;
        time.start();
        s->model.stop();
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Empty; }));
        QVERIFY(time.elapsed() < 300);
    }

    void host_garbage_isADeathWithAReason_notACrash() {
        auto s = stack(QStringLiteral("--garbage"));
        s->model.open(QStringLiteral("any"));
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(!s->model.failure().detail.isEmpty());
    }

    void host_missing_isSaid() {
        ChatStack s(m_folder.filePath(QStringLiteral("missing")), QStringLiteral("/nowhere/bathy"), {});
        s.model.open(QStringLiteral("any"));
        QVERIFY(waitFor([&] { return s.model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(s.model.failure().detail.contains(QStringLiteral("/nowhere/bathy")));
    }

    void answer_streams_andIsStoredWithTokensAndEvents() {
        auto s = stack(QStringLiteral("--tokens 40 --reasoning 10"));
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
        auto s = stack(QStringLiteral("--tokens 5"));
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
        auto s = stack(QStringLiteral("--tokens 100000 --rate 300"));
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
        auto s = stack(QStringLiteral("--tokens 3 --rate 1000"));
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

    void engineDeath_keepsThePart_andRestartGoesOn() {
        auto s = stack(QStringLiteral("--tokens 1000 --die-after 30"));
        QVERIFY(s->load());
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(900, 600);
        panel.show();
        s->chat.send(QStringLiteral("Die"));
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::EngineDead; }));
        QVERIFY(s->waitIdle());
        QCOMPARE(s->last().state, MessageState::Interrupted);
        QCOMPARE(s->last().content, scriptedText(0, 30));
        QVERIFY(panel.notice().isVisible());
        testing::saveShots(panel, QStringLiteral("chat-engine-stopped"));
        QTest::mouseClick(panel.notice().button(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Loaded; }));
        QVERIFY(!panel.notice().isVisible());
        QCOMPARE(s->last().content, scriptedText(0, 30));
        QVERIFY(s->chat.whyNotReady().isEmpty());
    }

    void appKilled_everythingUpToTheLastQuarterSecondIsThere() {
        const auto folder = m_folder.filePath(QStringLiteral("killed"));
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
        auto s = stack(QStringLiteral("--tokens 2 --rate 1000"));
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
        auto s = stack(QStringLiteral("--tokens 3 --reasoning 1 --rate 1000"));
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
        const auto path = m_folder.filePath(QStringLiteral("doc.md"));
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
        QCOMPARE(models::readDocument(m_folder.path()).error().code(), ErrorCode::BadFile);
        QCOMPARE(models::readDocument(QStringLiteral("/nowhere")).error().code(), ErrorCode::NotFound);
    }

    void panel_typedQuestion_answerAppears_withDocumentChip() {
        auto s = stack(QStringLiteral("--tokens 60"));
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(1000, 700);
        panel.show();
        QVERIFY(s->load());
        QTest::qWait(50);
        testing::saveShots(panel, QStringLiteral("chat-empty"));
        QFile file(m_folder.filePath(QStringLiteral("notes.md")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("word ").repeated(100));
        file.close();
        panel.composer().attach(file.fileName());
        QVERIFY(waitFor([&] { return panel.composer().documents().first().tokens == 125; }));
        auto* edit = panel.composer().findChild<QPlainTextEdit*>();
        panel.focusComposer();
        QTest::keyClicks(edit, QStringLiteral("What is in it?"));
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(s->waitIdle());
        panel.transcript().synchronise();
        const auto& items = panel.transcript().document().items();
        QVERIFY(std::any_of(items.begin(), items.end(),
                            [](const auto& item) { return item.block.text.text == scriptedText(0, 60).trimmed(); }));
        QVERIFY(std::any_of(items.begin(), items.end(),
                            [](const auto& item) { return item.text.contains(QStringLiteral("notes.md")); }));
        QVERIFY(panel.composer().text().isEmpty());
        panel.transcript().selectAll();
        panel.transcript().copySelection();
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("w58 w59")));
        QTest::keyClick(edit, Qt::Key_Escape); // nothing runs: nothing happens
    }

    void panel_editEscapeAndSend() {
        auto s = stack(QStringLiteral("--tokens 2 --rate 1000"));
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(800, 600);
        panel.show();
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("First")));
        panel.editLast();
        QVERIFY(panel.composer().isEditing());
        QCOMPARE(panel.composer().text(), QStringLiteral("First"));
        QTest::keyClick(panel.composer().findChild<QPlainTextEdit*>(), Qt::Key_Escape);
        QVERIFY(!panel.composer().isEditing());
        panel.editLast();
        panel.composer().setText(QStringLiteral("Changed"));
        panel.send();
        QVERIFY(s->waitIdle());
        QCOMPARE(s->chat.conversation().find(s->chat.conversation().path().first())->content,
                 QStringLiteral("Changed"));
        panel.deleteLast();
        QCOMPARE(s->chat.conversation().path().size(), 1);
        panel.undoDelete();
        QCOMPARE(s->last().content, scriptedText(0, 2));
    }

    void transcript_readerScrolledUp_isNotDisturbed() {
        auto s = stack(QStringLiteral("--tokens 400 --rate 2000"));
        QVERIFY(s->load());
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(700, 400);
        panel.show();
        for (int i = 0; i < 3; ++i)
            QVERIFY(ask(*s, QStringLiteral("More")));
        auto& view = panel.transcript();
        auto* bar = view.verticalScrollBar();
        QVERIFY(view.isAtEnd());
        QCOMPARE(bar->value(), bar->maximum());
        s->chat.send(QStringLiteral("And more"));
        QVERIFY(waitFor([&] { return s->last().content.size() > 100; }));
        bar->setValue(bar->maximum() / 2);
        QVERIFY(!view.isAtEnd());
        QTest::qWait(20);
        const auto before = view.grab(QRect(0, 0, 600, 300)).toImage();
        const auto length = s->last().content.size();
        QVERIFY(s->waitIdle());
        QVERIFY(s->last().content.size() > length);
        QTest::qWait(20);
        QVERIFY(!view.isAtEnd());
        QVERIFY(view.grab(QRect(0, 0, 600, 300)).toImage() == before);
        view.jumpToEnd();
        QVERIFY(view.isAtEnd());
        QCOMPARE(bar->value(), bar->maximum());
    }

    void transcript_longConversation_laysOutOnlyWhatIsSeen() {
        auto conversation = models::Conversation::fresh({});
        models::MessageId parent{};
        for (int i = 0; i < 400; ++i) {
            models::Message message;
            message.id = models::MessageId(storage::freshId());
            message.parent = parent;
            message.role = i % 2 == 0 ? models::Role::User : models::Role::Assistant;
            message.content =
                QStringLiteral("A paragraph of the %1th message, long enough for a line or two.\n\n- and\n- a list\n")
                    .arg(i)
                    .repeated(5);
            parent = message.id;
            conversation.add(std::move(message));
        }
        panels::TranscriptView view;
        view.resize(700, 500);
        view.show();
        view.setConversation(conversation);
        QVERIFY(view.document().items().size() > 1500);
        QVERIFY2(view.laidOutRows() < 120, qPrintable(QString::number(view.laidOutRows())));
        auto* bar = view.verticalScrollBar();
        for (int value = bar->maximum(); value > 0; value -= 333) { // up to the start: nothing jumps
            const int had = bar->value();
            bar->setValue(had - 40);
            QVERIFY(bar->value() <= had);
        }
        QVERIFY(view.laidOutRows() < 120);
        view.scrollToMessage(conversation.path().at(200));
        QVERIFY(!view.isAtEnd());
    }

    void transcript_markdownAnswer_picturesAndCodeCopy() {
        auto conversation = models::Conversation::fresh({});
        conversation.setTitle(QStringLiteral("Sorting in C++"));
        const auto add = [&](models::Role role, const QString& content, const QString& reasoning = {}) {
            models::Message message;
            message.id = models::MessageId(storage::freshId());
            message.parent = conversation.lastOfPath();
            message.role = role;
            message.content = content;
            message.reasoning = reasoning;
            message.facts = {
                1,   QStringLiteral("Bathy-Nano"), {}, {}, 0, QStringLiteral("end_token"), {}, 20, 0, 210, 0.1, 3.2,
                0.14};
            conversation.add(std::move(message));
        };
        add(models::Role::User, QStringLiteral("How do I sort a vector, and what does it cost?"));
        add(models::Role::Assistant,
            QStringLiteral(
                "## Sorting a vector\n\nUse **`std::sort`** from `<algorithm>`. It is *not* stable; for that there is "
                "[std::stable_sort](https://en.cppreference.com).\n\n```cpp\n#include <algorithm>\n\nstd::vector<int> "
                "v{3, 1, 2};\n"
                "std::sort(v.begin(), v.end());\n```\n\n| Function | Cost | Stable |\n|---|:-:|--:|\n| `sort` | n log "
                "n | no |\n| "
                "`stable_sort` | n log n, more memory | yes |\n\n1. Measure first.\n2. Then choose:\n   - small: "
                "anything\n   - large: "
                "`sort`\n- [x] done\n\n> Premature optimisation is the root of all evil.\n\n---\n\nThat is all."),
            QStringLiteral("The user wants to sort. I should name the header too."));
        panels::TranscriptView view;
        view.resize(760, 760);
        view.show();
        view.setConversation(conversation);
        view.verticalScrollBar()->setValue(0);
        testing::saveShots(view, QStringLiteral("chat-markdown"));
        const auto& items = view.document().items();
        const auto code = std::find_if(items.begin(), items.end(), [](const auto& item) {
            return item.block.kind == widgets::BlockKind::Code && item.kind == panels::ItemKind::Block;
        });
        QVERIFY(code != items.end());
        QVERIFY(view.document().codeAt(static_cast<int>(code - items.begin())).endsWith(QStringLiteral("v.end());")));
        auto* accessible = QAccessible::queryAccessibleInterface(&view);
        QVERIFY(accessible != nullptr);
        QCOMPARE(accessible->childCount(), 2);
        QVERIFY(accessible->child(0)->text(QAccessible::Name).startsWith(QStringLiteral("You: How do I sort")));
        QVERIFY(!accessible->child(1)->rect().isEmpty());
        const auto rows = items.size();
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Up, Qt::ControlModifier);
        QTest::keyClick(&view, Qt::Key_Return); // opens the reasoning
        QVERIFY(view.document().items().size() > rows);
        testing::saveShots(view, QStringLiteral("chat-reasoning"));
    }

    void modelsPanel_states_pictures() {
        auto s = stack();
        panels::ModelsPanel panel(s->model);
        panel.resize(420, 640);
        panel.show();
        testing::saveShots(panel, QStringLiteral("models-empty"));
        s->model.open(QStringLiteral("endless"));
        QVERIFY(waitFor([&] { return s->model.progress().totalBytes == 100; }));
        testing::saveShots(panel, QStringLiteral("models-loading"));
        s->model.stop();
        QVERIFY(waitFor([&] { return s->model.state() == ModelPresenter::State::Empty; }));
        QVERIFY(s->load());
        QTest::qWait(30);
        testing::saveShots(panel, QStringLiteral("models-card"));
        QStringList words;
        for (const auto* label : panel.findChildren<QLabel*>())
            words << label->text();
        QVERIFY(words.join(QLatin1Char(' ')).contains(QStringLiteral("13.4 M in all")));
    }
};

} // namespace bathy

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QLocale::setDefault(QLocale::c());
    bathy::ChatTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_chat.moc"
