#include "app/storage/storage.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace bathy::storage {
namespace {

ConversationRow row(const QString& title, qint64 when = 1000) {
    return {ConversationId(freshId()), title, when, when, QStringLiteral("{}"), {}};
}

Message message(ConversationId conversation, MessageId parent, Role role, const QString& content) {
    Message m;
    m.id = MessageId(freshId());
    m.conversation = conversation;
    m.parent = parent;
    m.role = role;
    m.content = content;
    m.createdMs = 2000;
    return m;
}

void write(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

} // namespace

class StorageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const QString& name) const { return m_folder.filePath(name); }

private Q_SLOTS:
    void freshId_grows() {
        auto last = freshId();
        for (int i = 0; i < 1000; ++i) {
            const auto next = freshId();
            QVERIFY(next > last);
            last = next;
        }
    }

    void splitStatements_triggers_stayWhole() {
        const auto parts = splitStatements(
            QStringLiteral("-- note\nCREATE TABLE a (\n  b TEXT -- c;\n);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
                           "  DELETE FROM a;\n  DELETE FROM a;\nEND;\nSELECT 1;\n"));
        QCOMPARE(parts.size(), 3);
        QVERIFY(parts.at(1).endsWith(QStringLiteral("END;")));
    }

    void conversation_writtenAndRead_isEqual() {
        auto database = Database::open(file(QStringLiteral("round.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto c = row(QStringLiteral("Título 标题"));
        QVERIFY(store.saveConversation(c));
        auto question = message(c.id, {}, Role::User, QStringLiteral("What's in it?"));
        question.documents = {{QStringLiteral("a.md"), QStringLiteral("# A"), 3},
                              {QStringLiteral("copy.md"), QStringLiteral("# A"), 3}};
        QVERIFY(store.addMessage(question));
        auto answer = message(c.id, question.id, Role::Assistant, {});
        answer.state = MessageState::Streaming;
        QVERIFY(store.addMessage(answer));
        QVERIFY(store.appendPiece(
            {answer.id, QStringLiteral("Hel"), QStringLiteral("hm"), QByteArray("\1\0\0\0", 4), QByteArray("e1")}));
        AnswerFacts facts;
        facts.generation = 7ULL << 40;
        facts.seed = 18446744073709551615ULL;
        facts.finish = QStringLiteral("end_token");
        facts.generatedTokens = 2;
        QVERIFY(store.finishAnswer({answer.id, QStringLiteral("lo"), {}, QByteArray("\2\0\0\0", 4), QByteArray("e2")},
                                   MessageState::Done, facts));

        const auto read = store.conversation(c.id);
        QVERIFY(read && *read);
        QCOMPARE((*read)->row.title, c.title);
        QCOMPARE((*read)->messages.size(), 2);
        QCOMPARE((*read)->messages.at(0).documents.size(), 2);
        QCOMPARE((*read)->messages.at(0).documents.at(1).text, QStringLiteral("# A"));
        const auto& got = (*read)->messages.at(1);
        QCOMPARE(got.content, QStringLiteral("Hello"));
        QCOMPARE(got.reasoning, QStringLiteral("hm"));
        QCOMPARE(got.state, MessageState::Done);
        QCOMPARE(got.facts.seed, facts.seed);
        QCOMPARE(got.facts.generation, facts.generation);
        QCOMPARE(*store.answerTokens(answer.id), QByteArray("\1\0\0\0\2\0\0\0", 8));
        QCOMPARE(*store.answerEvents(answer.id), (QVector<QByteArray>{"e1", "e2"}));
    }

    void versions_newestIsShown_untilAnotherIsChosen() {
        auto database = Database::open(file(QStringLiteral("versions.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto c = row(QStringLiteral("v"));
        QVERIFY(store.saveConversation(c));
        const auto a = message(c.id, {}, Role::User, QStringLiteral("a")),
                   b = message(c.id, {}, Role::User, QStringLiteral("b"));
        QVERIFY(store.addMessage(a));
        QVERIFY(store.addMessage(b));
        const auto shown = [&] {
            QStringList names;
            const auto stored = store.conversation(c.id);
            for (const auto& m : (*stored)->messages)
                if (m.active)
                    names << m.content;
            return names.join(QLatin1Char(' '));
        };
        QCOMPARE(shown(), QStringLiteral("b"));
        QVERIFY(store.setActive(a.id));
        QCOMPARE(shown(), QStringLiteral("a"));
    }

    void search_findsPartsOfWordsInAnyScript_andSurvivesOperators() {
        auto database = Database::open(file(QStringLiteral("search.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto add = [&](const QString& title, const QString& content, qint64 when) {
            const auto c = row(title, when);
            QVERIFY(store.saveConversation(c));
            QVERIFY(store.addMessage(message(c.id, {}, Role::User, content)));
        };
        add(QStringLiteral("First"), QStringLiteral("Photosynthesis turns light into sugar"), 1);
        add(QStringLiteral("Second"), QStringLiteral("深度求索的模型"), 2);
        add(QStringLiteral("Third \"quoted\" 100%"), QStringLiteral("nothing"), 3);
        const auto titles = [&](const QString& query) {
            QStringList names;
            const auto found = store.conversations(query);
            if (!found)
                return QStringLiteral("error: ") + QString::fromStdString(found.error().what());
            for (const auto& c : *found)
                names << c.title.section(QLatin1Char(' '), 0, 0);
            return names.join(QLatin1Char(' '));
        };
        QCOMPARE(titles(QStringLiteral("SYNTH")), QStringLiteral("First"));
        QCOMPARE(titles(QStringLiteral("模型")), QStringLiteral("Second"));
        QCOMPARE(titles(QStringLiteral("求索的")), QStringLiteral("Second"));
        QCOMPARE(titles(QStringLiteral("\"quoted\"")), QStringLiteral("Third"));
        QCOMPARE(titles(QStringLiteral("0%")), QStringLiteral("Third"));
        QCOMPARE(titles(QStringLiteral("AND OR NOT * ( :")), QString());
        QVERIFY(store.conversations(QStringLiteral("light"))->first().excerpt.contains(QStringLiteral("light")));
    }

    void delete_isUndone_orGoesAtTheNextStart() {
        const auto path = file(QStringLiteral("delete.db"));
        auto database = Database::open(path);
        QVERIFY(database);
        const ChatStore store(**database);
        const auto kept = row(QStringLiteral("kept")), gone = row(QStringLiteral("gone"));
        for (const auto& c : {kept, gone})
            QVERIFY(store.saveConversation(c));
        auto question = message(kept.id, {}, Role::User, QStringLiteral("q"));
        const auto answer = message(kept.id, question.id, Role::Assistant, QStringLiteral("a"));
        QVERIFY(store.addMessage(question) && store.addMessage(answer));
        QVERIFY(store.setConversationDeleted(gone.id, true));
        QCOMPARE(store.conversations()->size(), 1);
        QVERIFY(store.setConversationDeleted(gone.id, false));
        QCOMPARE(store.conversations()->size(), 2);
        QVERIFY(store.setConversationDeleted(gone.id, true));
        QVERIFY(store.setMessageDeleted(question.id, true));
        QCOMPARE((*store.conversation(kept.id))->messages.size(), 0);
        QVERIFY(store.setMessageDeleted(question.id, false));
        QCOMPARE((*store.conversation(kept.id))->messages.size(), 2);
        QVERIFY(store.recover());
        QVERIFY(store.setConversationDeleted(gone.id, false));
        QCOMPARE(store.conversations()->size(), 1);
    }

    void recover_streamingAnswer_keepsEveryPiece() {
        auto database = Database::open(file(QStringLiteral("recover.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto c = row(QStringLiteral("r"));
        QVERIFY(store.saveConversation(c));
        auto answer = message(c.id, {}, Role::Assistant, {});
        answer.state = MessageState::Streaming;
        QVERIFY(store.addMessage(answer));
        for (const auto* piece : {"one ", "two ", "three"})
            QVERIFY(store.appendPiece({answer.id, QLatin1String(piece), {}, {}, {}}));
        QCOMPARE(*store.recover(), 1);
        QCOMPARE(*store.recover(), 0);
        const auto read = (*store.conversation(c.id))->messages.first();
        QCOMPARE(read.content, QStringLiteral("one two three"));
        QCOMPARE(read.state, MessageState::Interrupted);
    }

    void answerPrompt_isKeptCompressed_andGoesWithItsAnswer() {
        const auto database = Database::open(file(QStringLiteral("prompts.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto c = row(QStringLiteral("c"));
        QVERIFY(store.saveConversation(c));
        const auto answer = message(c.id, {}, Role::Assistant, {});
        QVERIFY(store.addMessage(answer));
        const QByteArray tokens(400'000, '\7');
        QVERIFY(store.answerPrompt(answer.id)->isEmpty());
        QVERIFY(store.setAnswerPrompt(answer.id, tokens));
        QCOMPARE(*store.answerPrompt(answer.id), tokens);
        auto size = (*database)->run(QStringLiteral("SELECT length(token_ids) FROM answer_prompts"));
        QVERIFY(size && size->next());
        QVERIFY(size->value(0).toInt() < tokens.size() / 10);
        QVERIFY((*database)->run(QStringLiteral("DELETE FROM messages")));
        QVERIFY(store.answerPrompt(answer.id)->isEmpty());
    }

    void snapshots_belongToAnswers_andOutliveThem() {
        auto database = Database::open(file(QStringLiteral("snapshots.db")));
        QVERIFY(database);
        const ChatStore store(**database);
        const auto c = row(QStringLiteral("A book"));
        QVERIFY(store.saveConversation(c));
        const auto question = message(c.id, {}, Role::User, QStringLiteral("?"));
        QVERIFY(store.addMessage(question));
        const auto answer = message(c.id, question.id, Role::Assistant, QStringLiteral("!"));
        QVERIFY(store.addMessage(answer));
        const auto first = QStringLiteral("0123456789abcdef"), second = QStringLiteral("fedcba9876543210");
        QVERIFY(store.keepSnapshot(answer.id, first, 10));
        QCOMPARE((*store.conversation(c.id))->messages.last().snapshot, first);
        QVERIFY(store.setSnapshotPinned(first, true));
        QVERIFY(store.useSnapshot(first, 20));
        QVERIFY(store.keepSnapshot(answer.id, first, 30)); // saved once more: still pinned
        auto rows = store.snapshots();
        QVERIFY(rows);
        QCOMPARE(rows->size(), 1);
        QCOMPARE(rows->first().title, c.title);
        QCOMPARE(rows->first().conversation, c.id);
        QCOMPARE(rows->first().usedMs, 30);
        QVERIFY(rows->first().pinned);
        QVERIFY(store.keepSnapshot(answer.id, second, 40)); // instead of the first
        QVERIFY(!store.snapshots()->first().pinned);
        QVERIFY((*database)->run(QStringLiteral("DELETE FROM messages")));
        rows = store.snapshots();
        QCOMPARE(rows->size(), 1);
        QCOMPARE(rows->first().conversation, ConversationId{});
        QVERIFY(store.forgetSnapshots({second, first}));
        QVERIFY(store.snapshots()->isEmpty());
    }

    // The form of version 1 as it was released: today's program must read it for ever.
    void migration_fromEveryEarlierVersion_keepsTheData() {
        const auto path = file(QStringLiteral("old.db"));
        {
            auto old = Database::open(path, {builtInMigrations().first()});
            QVERIFY(old);
            QVERIFY((*old)->run(QStringLiteral(
                "INSERT INTO conversations (id, title, created_ms, updated_ms) VALUES (1, 'old', 1, 1)")));
            QVERIFY((*old)->run(QStringLiteral("INSERT INTO messages (id, conversation_id, role, content, state, "
                                               "created_ms) VALUES (2, 1, 'user', 'hi', 'done', 1)")));
        }
        auto now = Database::open(path);
        QVERIFY(now);
        const ChatStore store(**now);
        QCOMPARE(store.conversations()->first().title, QStringLiteral("old"));
        QCOMPARE((*store.conversation(ConversationId(1)))->messages.first().content, QStringLiteral("hi"));
    }

    void migration_nextVersion_backsUpFirst_andIsAllOrNothing() {
        const auto path = file(QStringLiteral("next.db"));
        { QVERIFY(Database::open(path)); }
        auto migrations = builtInMigrations();
        const int next = migrations.last().version + 1;
        migrations.append({next, QStringLiteral("CREATE TABLE more (a TEXT);\nINSERT INTO nowhere VALUES (1);\n")});
        QVERIFY(!Database::open(path, migrations));
        QVERIFY(QFile::exists(path + QStringLiteral(".v%1").arg(next - 1)));
        migrations.last().sql = QStringLiteral("CREATE TABLE more (a TEXT);\n"); // would fail had the first half stayed
        QVERIFY(Database::open(path, migrations));
    }

    void open_newerVersion_isRefusedAndUntouched() {
        const auto path = file(QStringLiteral("newer.db"));
        {
            auto database = Database::open(path);
            QVERIFY(database && (*database)->run(QStringLiteral("PRAGMA user_version = 99")));
        }
        const auto again = Database::open(path);
        QVERIFY(!again);
        QCOMPARE(again.error().code(), ErrorCode::Unsupported);
        QVERIFY(!again.error().hint().empty());
    }

    void open_foreignOrDamagedFile_isSetAsideWhole() {
        const QByteArray noise = QByteArray("not a database at all, but somebody's only copy ").repeated(100);
        QDir().mkpath(file(QStringLiteral("foreign")));
        write(file(QStringLiteral("foreign/conversations.db")), noise);
        auto storage = Storage::open(file(QStringLiteral("foreign")));
        QVERIFY(storage);
        const auto opening = (*storage)->opening();
        QVERIFY(opening.why && opening.why->code() == ErrorCode::BadFile);
        QFile aside(opening.setAside);
        QVERIFY(aside.open(QIODevice::ReadOnly));
        QCOMPARE(aside.readAll(), noise);

        QDir().mkpath(file(QStringLiteral("other")));
        {
            auto other = Database::open(file(QStringLiteral("other/conversations.db")));
            QVERIFY(other && (*other)->run(QStringLiteral("PRAGMA application_id = 1")));
        }
        auto second = Storage::open(file(QStringLiteral("other")));
        QVERIFY(second && !(*second)->opening().setAside.isEmpty());
    }

    void open_cutShortDatabase_neverCrashes() {
        const auto path = file(QStringLiteral("whole.db"));
        {
            auto database = Database::open(path);
            QVERIFY(database);
            const ChatStore store(**database);
            for (int i = 0; i < 200; ++i)
                QVERIFY(store.saveConversation(row(QStringLiteral("conversation %1").arg(i).repeated(20))));
        }
        QFile whole(path);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const auto bytes = whole.readAll();
        QVERIFY(bytes.size() > 8192);
        for (const auto length : {qsizetype{1}, qsizetype{100}, qsizetype{4096}, bytes.size() / 2, bytes.size() - 1}) {
            const auto cut = file(QStringLiteral("cut%1.db").arg(length));
            write(cut, bytes.first(length));
            if (auto database = Database::open(cut))
                (void)ChatStore(**database).conversations();
        }
        auto flipped = bytes;
        for (qsizetype at = 5000; at < flipped.size(); at += 97)
            flipped[at] = static_cast<char>(~flipped[at]);
        write(file(QStringLiteral("flipped.db")), flipped);
        const auto database = Database::open(file(QStringLiteral("flipped.db")));
        QVERIFY(!database);
        QCOMPARE(database.error().code(), ErrorCode::BadFile);
    }

    void open_twice_secondIsBusy() {
        auto first = Storage::open(file(QStringLiteral("locked")));
        QVERIFY(first);
        const auto second = Storage::open(file(QStringLiteral("locked")));
        QVERIFY(!second);
        QCOMPARE(second.error().code(), ErrorCode::Busy);
    }

    void storage_writesAndReads_inOrder_acrossThreads() {
        auto storage = std::move(*Storage::open(file(QStringLiteral("order"))));
        QSignalSpy failures(storage.get(), &Storage::failed);
        const auto c = row(QStringLiteral("before"));
        storage->write([c](ChatStore& store) { return store.saveConversation(c); });
        QString title;
        storage->read<std::optional<StoredConversation>>(
            this, [id = c.id](ChatStore& store) { return store.conversation(id); },
            [&](std::optional<StoredConversation> stored) {
                title = stored ? stored->row.title : QStringLiteral("none");
            });
        QTRY_COMPARE(title, QStringLiteral("before"));
        storage->write(
            [](ChatStore& store) { return store.addMessage(message(ConversationId(12345), {}, Role::User, {})); });
        QTRY_COMPARE(failures.size(), 1); // there is no such conversation
        {                                 // a receiver that is gone is not called
            QObject gone;
            storage->read<int>(
                &gone, [](ChatStore&) -> Result<int> { return 1; }, [](int) { QFAIL("called"); });
        }
        storage->flush();
        QCoreApplication::processEvents();
    }
};

} // namespace bathy::storage

QTEST_GUILESS_MAIN(bathy::storage::StorageTest)
#include "test_storage.moc"
