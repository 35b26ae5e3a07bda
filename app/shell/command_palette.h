// A box to run any action by typing a few of its letters. UI thread.
#pragma once

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace bathy::shell {

class ActionRegistry;

class CommandPalette : public QFrame {
    Q_OBJECT
public:
    CommandPalette(const ActionRegistry& actions, QWidget* window);

    // Shows itself over the top of the window, with the query selected.
    void open();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refill();
    void runCurrent();

    const ActionRegistry& m_actions;
    QLineEdit* m_query;
    QListWidget* m_list;
};

} // namespace bathy::shell
