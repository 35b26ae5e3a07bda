#include "app/shell/about_dialog.h"
#include "app/shell/action_registry.h"
#include "app/shell/command_palette.h"
#include "app/shell/fuzzy_match.h"
#include "app/shell/main_window.h"
#include "app/shell/settings_dialog.h"
#include "app/shell/theme.h"
#include "tests/support/shots.h"

#include <QClipboard>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <QTreeWidget>

#include <memory>

namespace bathy::shell {

class ShellTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fuzzyScore_lettersOutOfOrder_noMatch() {
        QVERIFY(!fuzzyScore(QStringLiteral("pots"), QStringLiteral("Chat: Stop")));
    }

    void fuzzyScore_wordStarts_beatScatteredLetters() {
        const auto starts = fuzzyScore(QStringLiteral("cs"), QStringLiteral("Chat: Stop"));
        const auto scattered = fuzzyScore(QStringLiteral("cs"), QStringLiteral("Model: Unclasp"));
        QVERIFY(starts && scattered && *starts > *scattered);
    }

    void shortcuts_changed_areKeptAcrossRestarts() {
        {
            QWidget window;
            ActionRegistry actions(settings(), window);
            actions.add({QStringLiteral("a.one"),
                         QStringLiteral("A"),
                         QStringLiteral("One"),
                         QKeySequence(QStringLiteral("Ctrl+1")),
                         {}},
                        [] {});
            actions.setShortcut(QStringLiteral("a.one"), QKeySequence(QStringLiteral("Ctrl+9")));
        }
        QWidget window;
        ActionRegistry actions(settings(), window);
        auto* one = actions.add({QStringLiteral("a.one"),
                                 QStringLiteral("A"),
                                 QStringLiteral("One"),
                                 QKeySequence(QStringLiteral("Ctrl+1")),
                                 {}},
                                [] {});
        QCOMPARE(one->shortcut(), QKeySequence(QStringLiteral("Ctrl+9")));
        actions.resetShortcuts();
        QCOMPARE(one->shortcut(), QKeySequence(QStringLiteral("Ctrl+1")));
    }

    void settings_textSize_takesEffectAtOnce_andStaysInItsLimits() {
        QWidget window;
        ActionRegistry actions(settings(), window);
        Theme theme;
        std::vector<int> sizes;
        SettingsDialog dialog({actions, settings(), theme, 2, [&](int points) { sizes.push_back(points); }}, nullptr);
        dialog.showPage(SettingsDialog::Page::Shortcuts);
        QVERIFY(dialog.findChild<QTreeWidget*>(QStringLiteral("shortcutTree")));
        auto* size = dialog.findChild<QSpinBox*>();
        QCOMPARE(size->value(), 2);
        size->setValue(3);
        size->setValue(1000);
        QCOMPARE(sizes, (std::vector{3, SettingsDialog::kLargestText}));
    }

    void shortcuts_taken_leaveTheirFormerOwner() {
        QWidget window;
        ActionRegistry actions(settings(), window);
        auto* one = actions.add({QStringLiteral("b.one"),
                                 QStringLiteral("B"),
                                 QStringLiteral("One"),
                                 QKeySequence(QStringLiteral("Ctrl+1")),
                                 {}},
                                [] {});
        actions.add({QStringLiteral("b.two"),
                     QStringLiteral("B"),
                     QStringLiteral("Two"),
                     QKeySequence(QStringLiteral("Ctrl+2")),
                     {}},
                    [] {});
        QCOMPARE(actions.conflict(QStringLiteral("b.two"), QKeySequence(QStringLiteral("Ctrl+1"))), one);
        actions.setShortcut(QStringLiteral("b.two"), QKeySequence(QStringLiteral("Ctrl+1")));
        QVERIFY(one->shortcut().isEmpty());
    }

    void palette_typedLetters_runTheBestAction() {
        Theme theme;
        MainWindow window(settings(), theme);
        int runs = 0;
        window.addAction(MainWindow::Menu::Chat,
                         {QStringLiteral("chat.test"), QStringLiteral("Chat"), QStringLiteral("Zephyr &quill"), {}, {}},
                         [&] { ++runs; });
        window.finishSetup();
        window.show();
        window.actions().find(QStringLiteral("view.palette"))->trigger();
        auto* palette = window.findChild<CommandPalette*>();
        QVERIFY(palette && palette->isVisible());
        auto* query = palette->findChild<QLineEdit*>();
        QTest::keyClicks(query, QStringLiteral("zephq"));
        QCOMPARE(palette->findChild<QListWidget*>()->currentItem()->text(), QStringLiteral("Chat: Zephyr quill"));
        QTest::keyClick(query, Qt::Key_Return);
        QCOMPARE(runs, 1);
        QVERIFY(!palette->isVisible());
    }

    void workspaces_leftAndEntered_keepTheirArrangement() {
        Theme theme;
        MainWindow window(settings(), theme);
        for (const auto* id : {"routing", "memory", "tokens", "models"})
            window.addPanel(
                {QString::fromLatin1(id), QString::fromLatin1(id), new QLabel(QString::fromLatin1(id)), {}});
        window.setCentralWidget(new QLabel(QStringLiteral("chat")));
        window.finishSetup();
        window.show();
        const auto visible = [&](const char* id) {
            return window.findChild<QDockWidget*>(QString::fromLatin1(id))->isVisible();
        };
        QVERIFY(visible("routing") && !visible("tokens"));
        window.workspaces().switchTo(Workspace::Inspect);
        QVERIFY(visible("routing") && visible("tokens") && visible("memory"));
        window.findChild<QDockWidget*>(QStringLiteral("memory"))->hide();
        window.workspaces().switchTo(Workspace::Chat);
        QVERIFY(!visible("tokens"));
        window.workspaces().switchTo(Workspace::Inspect);
        QVERIFY(visible("tokens") && !visible("memory"));
        window.workspaces().resetCurrent();
        QVERIFY(visible("memory"));
    }

    void docks_floated_comeBackOnReset() {
        Theme theme;
        MainWindow window(settings(), theme);
        auto* dock = window.addPanel(
            {QStringLiteral("routing"), QStringLiteral("Routing"), new QLabel(QStringLiteral("r")), {}});
        window.setCentralWidget(new QLabel(QStringLiteral("chat")));
        window.finishSetup();
        window.show();
        dock->setFloating(true);
        window.workspaces().resetCurrent();
        QVERIFY(!dock->isFloating() && dock->isVisible());
    }

    void about_hasVersionSystemAndLicences_andCopiesThem() {
        AboutDialog dialog({QStringLiteral("Device cpu: Some CPU, usable")}, nullptr);
        const auto text = AboutDialog::diagnostics({QStringLiteral("Device cpu: Some CPU, usable")});
        QVERIFY(text.startsWith(QStringLiteral("Bathyscope ")));
        QVERIFY(text.contains(QStringLiteral("commit ")));
        QVERIFY(text.endsWith(QStringLiteral("Device cpu: Some CPU, usable")));
        auto* tabs = dialog.findChild<QTabWidget*>();
        for (int page = 0; page < tabs->count(); ++page) {
            tabs->setCurrentIndex(page);
            testing::saveShots(dialog, QStringLiteral("about-%1").arg(page));
        }
        auto* notices = dialog.findChild<QTextBrowser*>();
        QVERIFY(notices && notices->toPlainText().contains(QStringLiteral("nlohmann-json")));
        bool hasLicence = false;
        for (auto* page : dialog.findChildren<QPlainTextEdit*>())
            hasLicence = hasLicence || page->toPlainText().contains(QStringLiteral("GNU GENERAL PUBLIC LICENSE"));
        QVERIFY(hasLicence);
        for (auto* button : dialog.findChildren<QPushButton*>())
            if (button->text().contains(QStringLiteral("diagnostics")))
                button->click();
        const auto copied = QGuiApplication::clipboard()->text(); // how much memory is available may have changed
        QCOMPARE(copied.section(QLatin1Char('\n'), 0, 2), text.section(QLatin1Char('\n'), 0, 2));
        QVERIFY(copied.endsWith(QStringLiteral("Device cpu: Some CPU, usable")));
    }

    void theme_applied_changesThePaletteAndSaysSo() {
        Theme theme;
        QSignalSpy changed(&theme, &Theme::changed);
        theme.apply(ThemeChoice::Dark);
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 80);
        theme.apply(ThemeChoice::Light);
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() > 200);
        QCOMPARE(changed.count(), 2);
        QCOMPARE(Theme::choiceFromName(Theme::choiceName(ThemeChoice::Dark)), ThemeChoice::Dark);
    }

    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_settings.reset();
    }

private:
    QSettings& settings() {
        if (!m_settings)
            m_settings =
                std::make_unique<QSettings>(m_folder->filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
        return *m_settings;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
};

} // namespace bathy::shell

QTEST_MAIN(bathy::shell::ShellTest)
#include "test_shell.moc"
