// Settings of the workbench: appearance and shortcuts. Changes take effect at once and are kept. UI thread.
#pragma once

#include <QDialog>
#include <QSettings>

#include <functional>

class QTabWidget;
class QTreeWidget;

namespace bathy::shell {

class ActionRegistry;
class Theme;

class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    static constexpr int kSmallestText = -3; // points against the system's own size
    static constexpr int kLargestText = 8;

    enum class Page { Appearance, Shortcuts };
    struct Context {
        ActionRegistry& actions;
        QSettings& settings;
        Theme& theme;
        int textSize = 0; // points against the system's own size
        std::function<void(int points)> changeTextSize;
    };

    SettingsDialog(Context context, QWidget* parent);
    void showPage(Page page);

private:
    QWidget* appearancePage();
    QWidget* shortcutsPage();
    void fillShortcuts(QTreeWidget& tree) const;

    Context m_context;
    QTabWidget* m_tabs;
};

} // namespace bathy::shell
