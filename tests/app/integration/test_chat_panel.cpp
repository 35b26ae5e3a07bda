// The panels over a scripted engine: what is typed, clicked, scrolled and seen.
#include "app/models/library_presenter.h"
#include "app/models/memory_planner.h"
#include "app/models/run_recorder.h"
#include "app/panels/chat/activity_line.h"
#include "app/panels/chat/chat_panel.h"
#include "app/panels/chat/composer.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/transcript_view.h"
#include "app/panels/models/models_panel.h"
#include "tests/support/chat_stack.h"
#include "tests/support/shots.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>

#include <utility>

namespace bathy {

using models::MessageState;
using models::ModelPresenter;
using tests::ask;
using tests::scriptedText;
using tests::waitFor;

class ChatPanelTest : public QObject {
    Q_OBJECT

    tests::ScriptedStacks m_stacks;

private Q_SLOTS:
    void engineDeath_keepsThePart_andRestartGoesOn() {
        auto s = m_stacks.make(QStringLiteral("--tokens 1000 --die-after 30"));
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

    void panel_typedQuestion_answerAppears_withDocumentChip() {
        auto s = m_stacks.make(QStringLiteral("--tokens 60"));
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(1000, 700);
        panel.show();
        QVERIFY(s->load());
        QTest::qWait(50);
        testing::saveShots(panel, QStringLiteral("chat-empty"));
        QFile file(m_stacks.path(QStringLiteral("notes.md")));
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
        auto s = m_stacks.make(QStringLiteral("--tokens 2 --rate 1000"));
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
        auto s = m_stacks.make(QStringLiteral("--tokens 1000000 --rate 500")); // the last answer is stopped
        QVERIFY(s->load());
        auto settings = s->chat.conversation().settings();
        const auto unlimited = settings;
        settings.sampling.maxTokens = 400;
        s->chat.setSettings(settings);
        panels::ChatPanel panel({s->chat, s->list, s->model});
        panel.resize(700, 400);
        panel.show();
        for (int i = 0; i < 3; ++i)
            QVERIFY(ask(*s, QStringLiteral("More")));
        auto& view = panel.transcript();
        auto* bar = view.verticalScrollBar();
        QVERIFY(view.isAtEnd());
        QCOMPARE(bar->value(), bar->maximum());
        const auto width = view.width(); // nothing is being done
        s->chat.setSettings(unlimited);
        s->chat.send(QStringLiteral("And more"));
        QVERIFY(waitFor([&] { return s->last().content.size() > 100; }));
        bar->setValue(bar->maximum() / 2);
        QVERIFY(!view.isAtEnd());
        const auto* line = panel.findChild<panels::ActivityLine*>();
        QVERIFY(waitFor([&] { return line->text().contains(QStringLiteral("tokens/s")); }));
        QTest::qWait(20); // for the layout
        QCOMPARE(view.width(), width);
        QImage before;
        QVERIFY(waitFor([&] { // what the scrolling itself still changes is over
            view.synchronise();
            const auto last = std::exchange(before, view.viewport()->grab().toImage());
            return before == last;
        }));
        const auto length = s->last().content.size();
        QVERIFY(waitFor([&] { return s->last().content.size() > length + 100; }));
        view.synchronise();
        QVERIFY(!view.isAtEnd());
        QVERIFY(view.viewport()->grab().toImage() == before);
        s->chat.stop();
        QVERIFY(s->waitIdle());
        view.synchronise();
        QVERIFY(!view.isAtEnd());
        QVERIFY(view.viewport()->grab().toImage() == before);
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
        auto s = m_stacks.make();
        models::LibraryPresenter library(s->settings, library::Environment{});
        models::MemoryPlanner planner(s->link, s->pump);
        const models::RunRecorder runs;
        panels::ModelsPanel panel(s->model, library, planner, runs);
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
    bathy::ChatPanelTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_chat_panel.moc"
