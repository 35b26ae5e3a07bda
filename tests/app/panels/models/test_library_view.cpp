#include "app/models/library_presenter.h"
#include "app/panels/models/library_view.h"
#include "tests/support/fake_home.h"
#include "tests/support/shots.h"
#include "tests/support/weight_files.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

namespace bathy::panels {

using models::LibraryModel;

class LibraryViewTest : public QObject {
    Q_OBJECT

    struct Bench {
        test::FakeHome home;
        QTemporaryDir folder;
        QSettings settings{folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat};
        models::LibraryPresenter library{settings, home.environment()};
        LibraryView view{library};

        void look() {
            QSignalSpy changed(&library, &models::LibraryPresenter::changed);
            view.resize(1000, 640);
            view.show();
            if (!library.isLooking())
                library.refresh();
            QVERIFY(changed.wait(20'000));
        }
        QTableView& table() { return *view.findChild<QTableView*>(); }
        QString cell(int row, int column) { return table().model()->index(row, column).data().toString(); }
        QStringList names() {
            QStringList names;
            for (int row = 0; row < table().model()->rowCount(); ++row)
                names << cell(row, LibraryModel::Name);
            return names;
        }
    };

private Q_SLOTS:
    void firstLook_fillsTheTable() {
        Bench bench;
        bench.home.addHubModel("deepseek-ai/DeepSeek-R1", 2);
        bench.home.addOllama("deepseek-r1", "7b");
        QAbstractItemModelTester tester(&bench.library.model());
        bench.look();
        // The bundled checkpoint is there as well.
        QVERIFY(bench.names().contains(QStringLiteral("deepseek-r1:7b")));
        const int row = static_cast<int>(bench.names().indexOf(QStringLiteral("deepseek-ai/DeepSeek-R1")));
        QVERIFY(row >= 0);
        QCOMPARE(bench.cell(row, LibraryModel::Type), QStringLiteral("FP8"));
        QCOMPARE(bench.cell(row, LibraryModel::Context), QStringLiteral("160 k"));
        QCOMPARE(bench.cell(row, LibraryModel::Family), QStringLiteral("DeepSeek-V3"));
        QCOMPARE(bench.cell(row, LibraryModel::Place), QStringLiteral("Hugging Face"));
    }

    void search_takesANameAndWords() {
        Bench bench;
        bench.home.addHubGguf("org/Distill-7B-GGUF", "Q4_K_M");
        bench.home.addHubGguf("org/Distill-14B-GGUF", "Q8_0");
        bench.look();
        auto* search = bench.view.findChild<QLineEdit*>();
        search->setText(QStringLiteral("distill-7b-gguf@q4_k_m"));
        QCOMPARE(bench.names(), QStringList{QStringLiteral("org/Distill-7B-GGUF")});
        search->setText(QStringLiteral("distill hugging"));
        QCOMPARE(bench.names().size(), 2);
        search->setText(QStringLiteral("nothing of the kind"));
        QCOMPARE(bench.names().size(), 0);
    }

    void sizes_areSortedAsNumbers() {
        Bench bench;
        for (const auto& [name, bytes] : {std::pair("small", 2'000U), {"large", 1'000'000U}, {"medium", 90'000U}}) {
            test::GgufShape shape;
            shape.tensorBytes = bytes;
            test::writeGguf(bench.home.path() / ".lmstudio" / "models" / "p" / name / "m-Q8_0.gguf", shape);
        }
        bench.look();
        bench.view.findChild<QLineEdit*>()->setText(QStringLiteral("studio"));
        bench.table().sortByColumn(LibraryModel::Size, Qt::DescendingOrder);
        QCOMPARE(bench.names(),
                 (QStringList{QStringLiteral("p/large"), QStringLiteral("p/medium"), QStringLiteral("p/small")}));
    }

    void newFile_isSeenWithoutBeingAsked() {
        Bench bench;
        bench.home.addGpt4All("First-Q4_0");
        bench.look();
        QSignalSpy changed(&bench.library, &models::LibraryPresenter::changed);
        bench.home.addGpt4All("Second-Q4_0");
        QVERIFY(changed.wait(20'000));
        QVERIFY(bench.names().contains(QStringLiteral("Second")));
    }

    void ownFolder_isKept() {
        Bench bench;
        const test::ScratchFolder mine;
        test::writeGguf(mine.path() / "Mine-Q8_0.gguf", {});
        bench.look();
        QSignalSpy changed(&bench.library, &models::LibraryPresenter::changed);
        bench.library.addFolder(QString::fromStdString(mine.path().string()));
        QVERIFY(changed.wait(20'000));
        QVERIFY(bench.names().contains(QStringLiteral("Mine")));
        QCOMPARE(bench.library.folders().size(), 1);
        bench.library.removeFolder(bench.library.folders().first());
        QVERIFY(changed.wait(20'000));
        QVERIFY(!bench.names().contains(QStringLiteral("Mine")));
    }

    void manyModels_withMissingShardsAndCopies() {
        Bench bench;
        bench.home.fill(200);
        const auto folder = bench.home.addHubModel("deepseek-ai/DeepSeek-R1", 4);
        std::filesystem::remove(folder / "model-00003-of-00004.safetensors");
        const auto file = bench.home.addLmStudio("bartowski", "DeepSeek-R1-Distill-Qwen-7B-Q4_K_M");
        std::filesystem::copy_file(file, bench.home.path() / ".local" / "share" / "nomic.ai" / "GPT4All" /
                                             "DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf");
        bench.look();
        QStringList notes;
        for (const auto& name : {"deepseek-ai/DeepSeek-R1", "bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF"})
            notes << bench.cell(static_cast<int>(bench.names().indexOf(QString::fromLatin1(name))),
                                LibraryModel::Notes);
        QVERIFY2(notes.at(0).contains(QStringLiteral("missing")), qPrintable(notes.at(0)));
        QVERIFY2(notes.at(1).contains(QStringLiteral("there")), qPrintable(notes.at(1)));
        bench.table().selectRow(3);
        QVERIFY(bench.view.selected());
        testing::saveShots(bench.view, QStringLiteral("library"));
    }

    void openedRow_asksForItsPath() {
        Bench bench;
        const auto file = bench.home.addLmStudio("publisher", "Model-7B-Q6_K");
        bench.look();
        bench.view.findChild<QLineEdit*>()->setText(QStringLiteral("publisher"));
        QSignalSpy asked(&bench.view, &LibraryView::openAsked);
        Q_EMIT bench.table().activated(bench.table().model()->index(0, 0));
        QCOMPARE(asked.size(), 0); // nothing is selected
        bench.table().selectRow(0);
        Q_EMIT bench.table().activated(bench.table().model()->index(0, 0));
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked.first().first().toString(), QString::fromStdString(file.string()));
    }
};

} // namespace bathy::panels

QTEST_MAIN(bathy::panels::LibraryViewTest)
#include "test_library_view.moc"
