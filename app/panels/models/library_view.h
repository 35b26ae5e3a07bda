// The models on this machine: search, sort, open, show where a model lies, add folders. UI thread.
#pragma once

#include "app/models/library_model.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace bathy::models {
class LibraryPresenter;
}

namespace bathy::panels {

class LibraryView : public QWidget {
    Q_OBJECT
public:
    // `library` outlives the view. The first look begins when the view is shown.
    explicit LibraryView(models::LibraryPresenter& library, QWidget* parent = nullptr);

    // The selected row; nullptr when there is none.
    const library::Entry* selected() const;
    void focusSearch();

    void showInFileManager();
    void chooseFolder();

Q_SIGNALS:
    void openAsked(const QString& path);
    void planAsked(const QString& path, const QString& name);
    void selectionChanged();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTools();
    void buildTable();
    void showMenu(const QPoint& at);
    void openSelected();
    void planSelected();
    void updateState();
    QString statusText() const;

    models::LibraryPresenter& m_library;
    models::LibrarySearchModel m_found;
    QLineEdit* m_search;
    QTableView* m_table;
    QLabel* m_status;
    QPushButton* m_open = nullptr;
    QPushButton* m_plan = nullptr;
    QPushButton* m_show = nullptr;
};

} // namespace bathy::panels
