// Conversations that go on from what was kept on disk, with a scripted engine.
#include "app/panels/snapshots/snapshots_panel.h"
#include "tests/support/chat_stack.h"
#include "tests/support/shots.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

namespace bathy {

using models::ChatPresenter;
using models::MessageState;
using models::SnapshotPresenter;
using tests::ask;
using tests::ChatStack;
using tests::waitFor;

class ReopeningTest : public QObject {
    Q_OBJECT

    tests::ScriptedStacks m_stacks;
    const QString m_long = QStringLiteral("a long question ").repeated(100); // 400 tokens of the scripted engine

    static QStringList keeping(const char* what = "kept") {
        return {QStringLiteral("--tokens"), QStringLiteral("5"), QStringLiteral("--snapshots"),
                QString::fromLatin1(what)};
    }
    std::unique_ptr<ChatStack> stack(const QString& name, const char* what = "kept") {
        return std::make_unique<ChatStack>(m_stacks.path(name), tests::fakeHost(), keeping(what));
    }
    static bool waitKept(ChatStack& s) {
        return waitFor([&] { return !s.last().snapshot.isEmpty(); });
    }
    static QStringList filesOf(ChatStack& s) { return QDir(s.snapshots.folder()).entryList(QDir::Files); }
    // Another start of the program, on the same folder.
    std::unique_ptr<ChatStack> again(const QString& name, storage::ConversationId id) {
        auto s = stack(name);
        if (!s->load())
            return nullptr;
        s->chat.openConversation(id);
        return waitFor([&] { return s->chat.conversation().id() == id; }) ? std::move(s) : nullptr;
    }

private Q_SLOTS:
    void answer_isKept_andTheNextStartGoesOnFromIt() {
        storage::ConversationId id{};
        {
            auto s = stack(QStringLiteral("kept"));
            QVERIFY(s->load());
            QVERIFY(ask(*s, m_long));
            QVERIFY(waitKept(*s));
            id = s->chat.conversation().id();
            s->storage->flush();
        }
        auto s = again(QStringLiteral("kept"), id);
        QVERIFY(s);
        QVERIFY(!s->last().snapshot.isEmpty());
        QStringList activities;
        connect(&s->chat, &ChatPresenter::activityChanged, this, [&] {
            activities << QString::fromLatin1(
                QMetaEnum::fromType<ChatPresenter::Activity>().valueToKey(static_cast<int>(s->chat.activity())));
        });
        QVERIFY(ask(*s, QStringLiteral("And then?")));
        QCOMPARE(activities.first(), QStringLiteral("Reopening"));
        QCOMPARE(s->last().state, MessageState::Done);
        QVERIFY(s->last().facts.reusedTokens > 400);
    }

    void shortAnswer_isNotKept() {
        auto s = stack(QStringLiteral("short"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, QStringLiteral("Hi")));
        QVERIFY(ask(*s, QStringLiteral("Hi again")));
        QVERIFY(filesOf(*s).isEmpty());
    }

    void switchedOff_keepsNothing() {
        auto s = stack(QStringLiteral("off"));
        s->snapshots.setOn(false);
        QVERIFY(s->load());
        QVERIFY(ask(*s, m_long));
        QVERIFY(ask(*s, QStringLiteral("Hi")));
        QVERIFY(filesOf(*s).isEmpty());
    }

    void damagedSnapshot_isSaidDeletedAndReadAgain_data() {
        QTest::addColumn<bool>("gone");
        QTest::addColumn<int>("problems");
        QTest::newRow("damaged") << false << 1;
        QTest::newRow("gone") << true << 0;
    }
    void damagedSnapshot_isSaidDeletedAndReadAgain() {
        QFETCH(const bool, gone);
        const auto name = gone ? QStringLiteral("gone") : QStringLiteral("damaged");
        storage::ConversationId id{};
        {
            auto s = stack(name);
            QVERIFY(s->load());
            QVERIFY(ask(*s, m_long));
            QVERIFY(waitKept(*s));
            id = s->chat.conversation().id();
            s->storage->flush();
        }
        auto s = again(name, id);
        QVERIFY(s);
        const auto file = s->snapshots.fileOf(s->last().snapshot);
        QVERIFY(gone ? QFile::remove(file) : QFile::resize(file, 0));
        QSignalSpy problems(&s->chat, &ChatPresenter::problem);
        QVERIFY(ask(*s, QStringLiteral("And then?")));
        QCOMPARE(s->last().state, MessageState::Done);
        QCOMPARE(s->last().facts.reusedTokens, 0);
        QTEST(static_cast<int>(problems.size()), "problems");
        QVERIFY(waitFor([&] { return !QFile::exists(file); }));
    }

    void engineRestarted_goesOnFromTheSnapshot() {
        auto s = stack(QStringLiteral("killed"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, m_long));
        QVERIFY(waitKept(*s));
        s->model.restart();
        QVERIFY(waitFor([&] { return s->model.state() == models::ModelPresenter::State::Loaded; }));
        QVERIFY(ask(*s, QStringLiteral("And then?")));
        QVERIFY(s->last().facts.reusedTokens > 400);
    }

    void otherVersionOfTheAnswer_goesOnFromTheStateOfTheFirst() {
        auto s = stack(QStringLiteral("version"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, m_long));
        QVERIFY(waitKept(*s));
        s->model.restart();
        QVERIFY(waitFor([&] { return s->model.state() == models::ModelPresenter::State::Loaded; }));
        s->chat.regenerate(s->last().id);
        QVERIFY(s->waitIdle());
        QVERIFY(s->last().facts.reusedTokens > 400);
    }

    void fullDisk_isSaid_andTheAnswerStays() {
        auto s = stack(QStringLiteral("full"), "refused");
        QVERIFY(s->load());
        QSignalSpy problems(&s->snapshots, &SnapshotPresenter::problem);
        QVERIFY(ask(*s, m_long));
        QVERIFY(waitFor([&] { return problems.size() == 1; }));
        QCOMPARE(s->last().state, MessageState::Done);
        QVERIFY(s->last().snapshot.isEmpty());
        QVERIFY(ask(*s, QStringLiteral("And then?")));
    }

    void quota_deletesWhatWasUnusedForLongest_butNotWhatIsPinned() {
        auto s = stack(QStringLiteral("quota"));
        QVERIFY(s->load());
        QVERIFY(ask(*s, m_long));
        QVERIFY(waitKept(*s));
        const auto pinned = s->last().snapshot;
        s->snapshots.setPinned(pinned, true);
        QVERIFY(ask(*s, QStringLiteral("Two")));
        QVERIFY(waitKept(*s));
        const auto second = s->last().snapshot;
        QVERIFY(ask(*s, QStringLiteral("Three")));
        QVERIFY(waitKept(*s));
        QVERIFY(waitFor([&] { return s->snapshots.model().rowCount() == 3; }));
        QVERIFY(waitFor([&] {
            const auto& items = s->snapshots.model().items();
            return std::any_of(items.begin(), items.end(), [](const auto& item) { return item.pinned; });
        }));
        s->snapshots.setQuotaBytes(250); // two of them
        QVERIFY(waitFor([&] { return s->snapshots.model().rowCount() == 2; }));
        QVERIFY(QFile::exists(s->snapshots.fileOf(pinned)));
        QVERIFY(!QFile::exists(s->snapshots.fileOf(second)));
        QVERIFY(QFile::exists(s->snapshots.fileOf(s->last().snapshot)));
    }

    void deletedConversation_takesItsSnapshotAlong() {
        storage::ConversationId id{};
        {
            auto s = stack(QStringLiteral("deleted"));
            QVERIFY(s->load());
            QVERIFY(ask(*s, m_long));
            QVERIFY(waitKept(*s));
            id = s->chat.conversation().id();
            s->storage->write([id](storage::ChatStore& store) { return store.setConversationDeleted(id, true); });
            s->storage->flush();
            s->snapshots.refresh();
            QTest::qWait(100);
            QCOMPARE(filesOf(*s).size(), 1); // it can still be undone
        }
        auto s = stack(QStringLiteral("deleted"));
        QVERIFY(s->load());
        s->snapshots.refresh();
        QVERIFY(waitFor([&] { return filesOf(*s).isEmpty(); }));
    }

    void panel_saysWhatThereIs_verifiesPinsAndOpens() {
        auto s = stack(QStringLiteral("panel"));
        panels::SnapshotsPanel panel(s->snapshots);
        QAbstractItemModelTester tester(&s->snapshots.model());
        panel.resize(900, 400);
        panel.show();
        auto* table = panel.findChild<QTableView*>();
        QVERIFY(!table->isVisible());
        QVERIFY(s->load());
        panel.setOpenModel(QStringLiteral("0123456789abcdef"));
        QVERIFY(ask(*s, m_long));
        QVERIFY(waitFor([&] { return s->snapshots.model().rowCount() == 1; }));
        QVERIFY(table->isVisible());
        QVERIFY(panel.statusText().startsWith(QStringLiteral("1 snapshot takes 100")));
        const auto button = [&](const char* text) -> QPushButton* {
            for (auto* one : panel.findChildren<QPushButton*>())
                if (one->text() == QLatin1String(text))
                    return one;
            return nullptr;
        };
        QVERIFY(!button("Verify")->isEnabled());
        table->selectRow(0);
        QVERIFY(button("Verify")->isEnabled());
        button("Verify")->click();
        QVERIFY(waitFor([&] { return panel.statusText().contains(QStringLiteral("bit for bit")); }));
        table->selectRow(0);
        button("Pin")->click();
        QVERIFY(waitFor([&] { return s->snapshots.model().items().first().pinned; }));
        QVERIFY(button("Unpin") && button("Unpin")->isEnabled()); // it is still selected
        testing::saveShots(panel, QStringLiteral("snapshots"));
        QSignalSpy asked(&panel, &panels::SnapshotsPanel::conversationAsked);
        table->selectRow(0);
        QVERIFY(button("Unpin"));
        button("Open the conversation")->click();
        QCOMPARE(asked.size(), 1);
        panel.setOpenModel(QStringLiteral("another"));
        table->selectRow(0);
        QVERIFY(!button("Verify")->isEnabled());
    }
};

} // namespace bathy

QTEST_MAIN(bathy::ReopeningTest)
#include "test_reopening.moc"
