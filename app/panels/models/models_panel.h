// Opening a model: a folder, a file, a recent one or the bundled one; progress with stop; the card of what is loaded.
// UI thread.
#pragma once

#include <QWidget>

class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace bathy::models {
class ModelPresenter;
}

namespace bathy::panels {

class ModelCardView;

class ModelsPanel : public QWidget {
    Q_OBJECT
public:
    // `model` outlives the panel.
    explicit ModelsPanel(models::ModelPresenter& model, QWidget* parent = nullptr);

    void chooseFolder();
    void chooseFile();
    void openBundled();

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
    QStackedWidget* m_pages;
    QListWidget* m_recent;
    QLabel* m_loadingTitle = nullptr;
    QProgressBar* m_progress = nullptr;
    QLabel* m_progressText = nullptr;
    QPushButton* m_stop = nullptr;
    QLabel* m_failure = nullptr;
    QPushButton* m_retry = nullptr;
    ModelCardView* m_card = nullptr;
};

} // namespace bathy::panels
