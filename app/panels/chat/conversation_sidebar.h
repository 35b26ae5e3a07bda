// The list of conversations with search, rename and delete. UI thread.
#pragma once

#include "app/models/conversation.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;

namespace bathy::models {
class ConversationListModel;
}

namespace bathy::panels {

class ConversationSidebar : public QWidget {
    Q_OBJECT
public:
    // `list` outlives the sidebar.
    explicit ConversationSidebar(models::ConversationListModel& list, QWidget* parent = nullptr);

    void setCurrent(storage::ConversationId id);
    void focusSearch();
    void renameCurrent();
    void removeCurrent();

Q_SIGNALS:
    void newAsked();
    void openAsked(bathy::storage::ConversationId id);

private:
    void showMenu(const QPoint& point);
    void markCurrent();
    void showHint();

    models::ConversationListModel& m_list;
    QLineEdit* m_search;
    QListView* m_view;
    QLabel* m_hint; // in place of an empty list
    storage::ConversationId m_current{};
    bool m_marking = false;
};

} // namespace bathy::panels
