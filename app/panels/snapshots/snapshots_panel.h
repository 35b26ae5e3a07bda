// What models have read, kept on disk: a table of the snapshots, what they take, and what can be done with one. UI
// thread.
#pragma once

#include "app/models/snapshot_presenter.h"

#include <QSortFilterProxyModel>
#include <QWidget>

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QTableView;

namespace bathy::panels {

class SnapshotsPanel : public QWidget {
    Q_OBJECT
public:
    // `snapshots` outlives the panel.
    explicit SnapshotsPanel(models::SnapshotPresenter& snapshots, QWidget* parent = nullptr);

    // Whether a model is open, and which one: only that one can verify.
    void setOpenModel(const QString& fingerprint);

    QString statusText() const;

Q_SIGNALS:
    void conversationAsked(bathy::storage::ConversationId id);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTable();
    QWidget* buildTools();
    QWidget* buildKeeping();
    QVector<models::SnapshotItem> selected() const;
    void updateState();
    void showMenu(const QPoint& at);
    void openSelected();
    void pinSelected();
    void verifySelected();
    void removeSelected();
    void showFolder();
    void say(const models::SnapshotPresenter::Verified& outcome);

    models::SnapshotPresenter& m_snapshots;
    QSortFilterProxyModel m_sorted;
    QString m_fingerprint;
    QString m_outcome; // of the last verification
    QTableView* m_table;
    QLabel* m_empty;
    QStackedWidget* m_pages;
    QLabel* m_status;
    QPushButton* m_open = nullptr;
    QPushButton* m_verify = nullptr;
    QPushButton* m_pin = nullptr;
    QPushButton* m_remove = nullptr;
};

} // namespace bathy::panels
