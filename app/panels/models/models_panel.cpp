#include "app/panels/models/models_panel.h"

#include "app/models/model_presenter.h"
#include "app/panels/models/checkpoint_texts_view.h"
#include "app/panels/models/library_view.h"
#include "app/panels/models/model_card_view.h"
#include "app/panels/models/planner_view.h"
#include "app/panels/models/wrapping_label.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>

namespace bathy::panels {
namespace {

constexpr int kProgressSteps = 1000;
enum Page { EmptyPage, LoadingPage, FailurePage, CardPage };

QVBoxLayout* pageLayout(QWidget* page) {
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(8);
    return layout;
}

} // namespace

ModelsPanel::ModelsPanel(models::ModelPresenter& model, models::LibraryPresenter& library,
                         models::MemoryPlanner& planner, const models::RunRecorder& runs, QWidget* parent)
    : QWidget(parent), m_model(model), m_tabs(new QTabWidget), m_library(new LibraryView(library)),
      m_planner(new PlannerView(planner, model, runs)), m_pages(new QStackedWidget), m_recent(new QListWidget) {
    setAcceptDrops(true);
    setAccessibleName(tr("Models"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(buildButtons());
    m_pages->addWidget(buildEmptyPage());
    m_pages->addWidget(buildLoadingPage());
    m_pages->addWidget(buildFailurePage());
    m_pages->addWidget(buildCardPage());
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_pages, tr("This model"));
    m_tabs->addTab(m_library, tr("Library"));
    m_tabs->addTab(m_planner, tr("Memory plan"));
    layout->addWidget(m_tabs, 1);
    connect(m_library, &LibraryView::openAsked, &model, &models::ModelPresenter::open);
    connect(m_library, &LibraryView::planAsked, this, [this](const QString& path, const QString& name) {
        m_planner->setModel(path, name);
        showPlanner();
    });
    connect(&model, &models::ModelPresenter::stateChanged, this, &ModelsPanel::showState);
    connect(&model, &models::ModelPresenter::progressChanged, this, &ModelsPanel::showProgress);
    connect(&model, &models::ModelPresenter::recentChanged, this, &ModelsPanel::fillRecent);
    fillRecent();
    showState();
}

QWidget* ModelsPanel::buildButtons() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    const auto add = [&](const QString& text, const QString& tip, void (ModelsPanel::*run)()) {
        auto* button = new QPushButton(text);
        button->setToolTip(tip);
        connect(button, &QPushButton::clicked, this, run);
        layout->addWidget(button);
    };
    add(tr("Open folder…"), tr("A checkpoint folder with config.json"), &ModelsPanel::chooseFolder);
    add(tr("Open file…"), tr("A .safetensors or .gguf file; any shard of a set"), &ModelsPanel::chooseFile);
    add(tr("Bundled"), tr("The small checkpoint that comes with the program"), &ModelsPanel::openBundled);
    layout->addStretch();
    return row;
}

QWidget* ModelsPanel::buildEmptyPage() {
    auto* page = new QWidget;
    auto* layout = pageLayout(page);
    layout->addWidget(wrappingLabel(
        tr("No model is loaded. Open one above, drop a folder here, or choose one that was used before.")));
    m_recent->setAccessibleName(tr("Recent models"));
    m_recent->setFrameShape(QFrame::NoFrame);
    m_recent->setAlternatingRowColors(true);
    connect(m_recent, &QListWidget::itemActivated, this,
            [this](QListWidgetItem* item) { m_model.open(item->data(Qt::UserRole).toString()); });
    layout->addWidget(m_recent, 1);
    return page;
}

QWidget* ModelsPanel::buildLoadingPage() {
    auto* page = new QWidget;
    auto* layout = pageLayout(page);
    m_loadingTitle = wrappingLabel();
    m_progress = new QProgressBar;
    m_progress->setRange(0, kProgressSteps);
    m_progress->setAccessibleName(tr("Loading"));
    m_progressText = wrappingLabel();
    m_stop = new QPushButton(tr("Stop"));
    connect(m_stop, &QPushButton::clicked, &m_model, &models::ModelPresenter::stop);
    auto* row = new QHBoxLayout;
    row->addWidget(m_progress, 1);
    row->addWidget(m_stop);
    layout->addWidget(m_loadingTitle);
    layout->addLayout(row);
    layout->addWidget(m_progressText);
    layout->addStretch();
    return page;
}

QWidget* ModelsPanel::buildFailurePage() {
    auto* page = new QWidget;
    auto* layout = pageLayout(page);
    m_failure = wrappingLabel();
    m_failure->setTextFormat(Qt::RichText);
    m_retry = new QPushButton;
    connect(m_retry, &QPushButton::clicked, &m_model, &models::ModelPresenter::restart);
    layout->addWidget(m_failure);
    layout->addWidget(m_retry, 0, Qt::AlignLeft);
    layout->addStretch();
    return page;
}

QWidget* ModelsPanel::buildCardPage() {
    m_card = new ModelCardView;
    m_texts = new CheckpointTextsView;
    connect(m_texts, &CheckpointTextsView::linkClicked, this, &ModelsPanel::linkClicked);
    auto* page = new QWidget;
    auto* layout = pageLayout(page);
    layout->addWidget(m_card);
    layout->addWidget(m_texts);
    layout->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(page);
    return scroll;
}

void ModelsPanel::showState() {
    using State = models::ModelPresenter::State;
    switch (m_model.state()) {
    case State::Empty:
        return m_pages->setCurrentIndex(EmptyPage);
    case State::Loading:
    case State::Stopping:
        m_loadingTitle->setText(tr("Loading %1").arg(m_model.displayName()));
        m_stop->setEnabled(m_model.state() == State::Loading);
        m_stop->setText(m_model.state() == State::Loading ? tr("Stop") : tr("Stopping…"));
        showProgress();
        m_tabs->setCurrentWidget(m_pages);
        return m_pages->setCurrentIndex(LoadingPage);
    case State::Loaded:
        m_card->setCard(*m_model.card());
        m_texts->setTexts(models::readCheckpointTexts(QString::fromStdString(m_model.card()->path)));
        return m_pages->setCurrentIndex(CardPage);
    case State::Failed:
    case State::EngineDead: {
        const auto& failure = m_model.failure();
        m_failure->setText(
            QStringLiteral("<b>%1</b><p>%2</p><p>%3</p>")
                .arg(failure.title.toHtmlEscaped(), failure.detail.toHtmlEscaped(), failure.advice.toHtmlEscaped()));
        m_retry->setText(m_model.state() == State::EngineDead ? tr("Restart the engine and load again")
                                                              : tr("Try again"));
        return m_pages->setCurrentIndex(FailurePage);
    }
    }
}

void ModelsPanel::showProgress() {
    const auto& progress = m_model.progress();
    if (progress.totalBytes == 0) {
        m_progress->setRange(0, 0); // busy: the size is not known yet
        m_progressText->clear();
        return;
    }
    const double part = static_cast<double>(progress.doneBytes) / static_cast<double>(progress.totalBytes);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setValue(static_cast<int>(part * kProgressSteps));
    m_progressText->setText(tr("%1 of %2, %3/s, %4 s left")
                                .arg(models::byteText(static_cast<double>(progress.doneBytes)),
                                     models::byteText(static_cast<double>(progress.totalBytes)),
                                     models::byteText(progress.bytesPerSecond))
                                .arg(qRound(progress.secondsLeft)));
}

void ModelsPanel::fillRecent() {
    m_recent->clear();
    for (const auto& path : m_model.recent()) {
        const QFileInfo file(QDir::cleanPath(path));
        auto* item = new QListWidgetItem(file.fileName() + QStringLiteral("\n") + QDir::toNativeSeparators(file.path()),
                                         m_recent);
        item->setData(Qt::UserRole, path);
        item->setToolTip(QDir::toNativeSeparators(path));
        if (!file.exists())
            item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    }
}

void ModelsPanel::showLibrary() {
    m_tabs->setCurrentWidget(m_library);
    m_library->focusSearch();
}

void ModelsPanel::showPlanner() {
    m_tabs->setCurrentWidget(m_planner);
}

void ModelsPanel::chooseFolder() {
    m_model.open(QFileDialog::getExistingDirectory(this, tr("Open a checkpoint folder"), m_model.path()));
}

void ModelsPanel::chooseFile() {
    m_model.open(QFileDialog::getOpenFileName(this, tr("Open a checkpoint"), m_model.path(),
                                              tr("Checkpoints (*.safetensors *.gguf *.json)")));
}

void ModelsPanel::openBundled() {
    m_model.open(models::ModelPresenter::bundledPath());
}

void ModelsPanel::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile())
        event->acceptProposedAction();
}

void ModelsPanel::dropEvent(QDropEvent* event) {
    m_model.open(event->mimeData()->urls().first().toLocalFile());
}

} // namespace bathy::panels
