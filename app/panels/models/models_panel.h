// Opening a model: from the library, a folder, a file, a recent one or the bundled one; progress with stop; the card of
// what is loaded.
// UI thread.
#pragma once

#include <QWidget>

class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace bathy::models {
class LibraryPresenter;
class MemoryPlanner;
class ModelPresenter;
class RunRecorder;
} // namespace bathy::models

namespace bathy::panels {

class CheckpointTextsView;
class LibraryView;
class ModelCardView;
class PlannerView;

class ModelsPanel : public QWidget {
    Q_OBJECT
public:
    // All outlive the panel.
    ModelsPanel(models::ModelPresenter& model, models::LibraryPresenter& library, models::MemoryPlanner& planner,
                const models::RunRecorder& runs, QWidget* parent = nullptr);

    LibraryView& libraryView() { return *m_library; }
    void showLibrary();
    void showPlanner();

    void chooseFolder();
    void chooseFile();
    void openBundled();

Q_SIGNALS:
    void linkClicked(const QString& target); // in a model card: written by strangers

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* buildButtons();
    QWidget* buildEmptyPage();
    QWidget* buildLoadingPage();
    QWidget* buildFailurePage();
    QWidget* buildCardPage();
    void showState();
    void showProgress();
    void fillRecent();

    models::ModelPresenter& m_model;
    QTabWidget* m_tabs;
    LibraryView* m_library;
    PlannerView* m_planner;
    QStackedWidget* m_pages;
    QListWidget* m_recent;
    QLabel* m_loadingTitle = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_progressText = nullptr;
    QPushButton* m_stop = nullptr;
    QLabel* m_failure = nullptr;
    QPushButton* m_retry = nullptr;
    ModelCardView* m_card = nullptr;
    CheckpointTextsView* m_texts = nullptr;
};

} // namespace bathy::panels
