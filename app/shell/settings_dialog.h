// Settings of the workbench: appearance and shortcuts. Changes take effect at once and are kept. UI thread.
#pragma once

#include <QDialog>
#include <QSettings>

class QTreeWidget;

namespace bathy::shell {

class ActionRegistry;
class Theme;

class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    SettingsDialog(ActionRegistry& actions, QSettings& settings, Theme& theme, QWidget* parent);

private:
    QWidget* appearancePage();
    QWidget* shortcutsPage();
    void fillShortcuts(QTreeWidget& tree) const;

    ActionRegistry& m_actions;
    QSettings& m_settings;
    Theme& m_theme;
};

} // namespace bathy::shell
