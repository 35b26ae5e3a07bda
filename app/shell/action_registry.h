// Every action of the workbench, by a stable id: menus, the command palette and the shortcut editor all read this list.
// Shortcuts that differ from the default are kept in the settings. UI thread.
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QObject>
#include <QSettings>

#include <functional>

namespace bathy::shell {

struct ActionSpec {
    QString id;       // stable, dotted: "chat.stop"
    QString category; // shown before the text in the palette: "Chat"
    QString text;     // with the mnemonic
    QKeySequence shortcut;
    QString tip;
    bool checkable = false;
};

class ActionRegistry : public QObject {
    Q_OBJECT
public:
    // `settings` outlives the registry. `window` receives the actions, so that shortcuts work wherever the focus is in
    // it.
    ActionRegistry(QSettings& settings, QWidget& window);

    QAction* add(const ActionSpec& spec, std::function<void()> run);
    // An action that somebody else made (a dock's toggle): listed and rebindable like the others.
    void adopt(const ActionSpec& spec, QAction* action);

    QAction* find(const QString& id) const { return m_actions.value(id); }
    const QList<QAction*>& actions() const { return m_ordered; }
    static QString id(const QAction* action);
    static QString category(const QAction* action);
    static QString plainText(const QAction* action); // without mnemonic marks

    QKeySequence defaultShortcut(const QString& id) const { return m_defaults.value(id); }
    // The other action that has this shortcut, or null.
    QAction* conflict(const QString& id, const QKeySequence& shortcut) const;
    void setShortcut(const QString& id, const QKeySequence& shortcut); // kept; takes it away from an action that had it
    void resetShortcuts();

private:
    void store(const QString& id);

    QSettings& m_settings;
    QWidget& m_window;
    QHash<QString, QAction*> m_actions;
    QHash<QString, QKeySequence> m_defaults;
    QList<QAction*> m_ordered;
};

} // namespace bathy::shell
