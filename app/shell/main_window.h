// The window: a central panel, docks, menus made from the action registry, workspaces, a status line. It knows no
// panel's insides; main.cpp hands the panels in. UI thread.
#pragma once

#include "app/shell/action_registry.h"
#include "app/shell/settings_dialog.h"
#include "app/shell/workspaces.h"

#include <QMainWindow>
#include <QSettings>

class QActionGroup;
class QDockWidget;
class QLabel;

namespace bathy::shell {

class CommandPalette;
class Theme;

struct PanelSpec {
    QString id; // object name of the dock; stable, part of saved workspaces
    QString title;
    QWidget* widget = nullptr; // the window takes it
    QKeySequence shortcut;     // shows and focuses it
};

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(QSettings& settings, Theme& theme);

    ActionRegistry& actions() { return m_actions; }
    Workspaces& workspaces() { return *m_workspaces; }
    Theme& theme() { return m_theme; }

    enum class Menu { File, Edit, View, Chat, Model, Help };
    // Adds an action to the registry and to a menu, at its end.
    QAction* addAction(Menu menu, const ActionSpec& spec, std::function<void()> run);
    void addSeparator(Menu menu);

    QDockWidget* addPanel(const PanelSpec& spec);
    // After all panels are in: builds the View menu's rest and brings the last arrangement back.
    void finishSetup();

    // What the status line shows on the right: model, device, memory. Empty hides a part.
    void setStatus(const QString& model, const QString& device, const QString& memory);
    void showPanel(const QString& id);
    void openSettings(SettingsDialog::Page page);

Q_SIGNALS:
    void closing();

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void addViewActions();
    void addWorkspaceBar();
    void changeTextSize(int points);
    int textSize() const;

    QSettings& m_settings;
    Theme& m_theme;
    ActionRegistry m_actions;
    Workspaces* m_workspaces;
    CommandPalette* m_palette;
    QActionGroup* m_workspaceGroup;
    QList<QMenu*> m_menus;
    QList<QDockWidget*> m_docks;
    QLabel* m_modelLabel;
    QLabel* m_deviceLabel;
    QLabel* m_memoryLabel;
    double m_basePointSize;
};

} // namespace bathy::shell
