#include "app/shell/main_window.h"

#include "app/shell/command_palette.h"
#include "app/shell/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QScreen>
#include <QStatusBar>
#include <QToolBar>

#include <algorithm>

namespace bathy::shell {
namespace {

constexpr int kDefaultWidth = 1440;
constexpr int kDefaultHeight = 900;
const auto kTextSizeKey = QStringLiteral("appearance/textSize"); // points against the system's own size

QString workspaceTitle(Workspace workspace) {
    switch (workspace) {
    case Workspace::Chat:
        return MainWindow::tr("Chat");
    case Workspace::Document:
        return MainWindow::tr("Document");
    case Workspace::Inspect:
        return MainWindow::tr("Inspect");
    case Workspace::Bench:
        return MainWindow::tr("Bench");
    }
    return {};
}

QString workspaceTip(Workspace workspace) {
    switch (workspace) {
    case Workspace::Chat:
        return MainWindow::tr("Talk to the model, with its experts beside the answer");
    case Workspace::Document:
        return MainWindow::tr("Long documents: the conversation and what it costs in memory");
    case Workspace::Inspect:
        return MainWindow::tr("Everything about one token: experts, memory, alternatives");
    case Workspace::Bench:
        return MainWindow::tr("Checkpoints and what they need");
    }
    return {};
}

} // namespace

MainWindow::MainWindow(QSettings& settings, Theme& theme)
    : m_settings(settings), m_theme(theme), m_actions(settings, *this), m_workspaces(new Workspaces(*this, settings)),
      m_palette(new CommandPalette(m_actions, this)), m_workspaceGroup(new QActionGroup(this)),
      m_modelLabel(new QLabel), m_deviceLabel(new QLabel), m_memoryLabel(new QLabel),
      m_basePointSize(QApplication::font().pointSizeF()) {
    setWindowTitle(QStringLiteral("Bathyscope"));
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    resize(QSize(kDefaultWidth, kDefaultHeight).boundedTo(screen()->availableSize()));
    for (const auto& title : {tr("&File"), tr("&Edit"), tr("&View"), tr("&Chat"), tr("&Model"), tr("&Help")})
        m_menus.append(menuBar()->addMenu(title));
    for (auto* label : {m_modelLabel, m_deviceLabel, m_memoryLabel}) {
        label->setContentsMargins(8, 0, 8, 0);
        statusBar()->addPermanentWidget(label);
        label->hide();
    }
    addWorkspaceBar();
    addViewActions();
}

QAction* MainWindow::addAction(Menu menu, const ActionSpec& spec, std::function<void()> run) {
    auto* action = m_actions.add(spec, std::move(run));
    m_menus.at(static_cast<int>(menu))->addAction(action);
    return action;
}

void MainWindow::addSeparator(Menu menu) {
    m_menus.at(static_cast<int>(menu))->addSeparator();
}

void MainWindow::addWorkspaceBar() {
    auto* bar = addToolBar(tr("Workspaces"));
    bar->setObjectName(QStringLiteral("workspaceBar"));
    bar->setMovable(false);
    bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
    bar->toggleViewAction()->setVisible(false);
    int number = 1;
    for (const auto workspace : kWorkspaces) {
        auto* action = addAction(Menu::View,
                                 {QStringLiteral("view.workspace.") + workspaceId(workspace), tr("Workspace"),
                                  workspaceTitle(workspace), QKeySequence(QStringLiteral("Alt+%1").arg(number++)),
                                  workspaceTip(workspace), true},
                                 [this, workspace] { m_workspaces->switchTo(workspace); });
        m_workspaceGroup->addAction(action);
        bar->addAction(action);
        connect(m_workspaces, &Workspaces::switched, action,
                [action, workspace](Workspace now) { action->setChecked(now == workspace); });
    }
}

void MainWindow::addViewActions() {
    addAction(Menu::View,
              {QStringLiteral("view.workspace.reset"), tr("Workspace"), tr("&Reset this workspace"), {}, {}},
              [this] { m_workspaces->resetCurrent(); });
    addSeparator(Menu::View);
    addAction(Menu::View,
              {QStringLiteral("view.palette"),
               tr("View"),
               tr("&Command palette…"),
               QKeySequence(QStringLiteral("Ctrl+Shift+P")),
               {}},
              [this] { m_palette->open(); });
    addAction(Menu::View,
              {QStringLiteral("view.theme"),
               tr("View"),
               tr("Switch light and &dark"),
               QKeySequence(QStringLiteral("Ctrl+Shift+D")),
               {}},
              [this] {
                  m_theme.apply(m_theme.isDark() ? ThemeChoice::Light : ThemeChoice::Dark);
                  m_settings.setValue(QStringLiteral("appearance/theme"), Theme::choiceName(m_theme.choice()));
              });
    addAction(
        Menu::View,
        {QStringLiteral("view.text.larger"), tr("View"), tr("&Larger text"), QKeySequence(QKeySequence::ZoomIn), {}},
        [this] { changeTextSize(textSize() + 1); });
    addAction(
        Menu::View,
        {QStringLiteral("view.text.smaller"), tr("View"), tr("&Smaller text"), QKeySequence(QKeySequence::ZoomOut), {}},
        [this] { changeTextSize(textSize() - 1); });
    addAction(Menu::View,
              {QStringLiteral("view.text.reset"),
               tr("View"),
               tr("System te&xt size"),
               QKeySequence(QStringLiteral("Ctrl+0")),
               {}},
              [this] { changeTextSize(0); });
    addAction(
        Menu::View,
        {QStringLiteral("view.fullscreen"), tr("View"), tr("&Full screen"), QKeySequence(QStringLiteral("F11")), {}},
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    addAction(
        Menu::Edit,
        {QStringLiteral("edit.settings"), tr("Edit"), tr("&Settings…"), QKeySequence(QStringLiteral("Ctrl+,")), {}},
        [this] { openSettings(SettingsDialog::Page::Appearance); });
}

void MainWindow::openSettings(SettingsDialog::Page page) {
    SettingsDialog dialog({m_actions, m_settings, m_theme, textSize(), [this](int points) { changeTextSize(points); }},
                          this);
    dialog.showPage(page);
    dialog.exec();
}

int MainWindow::textSize() const {
    return m_settings.value(kTextSizeKey, 0).toInt();
}

void MainWindow::changeTextSize(int points) {
    const int size = std::clamp(points, SettingsDialog::kSmallestText, SettingsDialog::kLargestText);
    m_settings.setValue(kTextSizeKey, size);
    auto font = QApplication::font();
    font.setPointSizeF(m_basePointSize + size);
    QApplication::setFont(font);
}

QDockWidget* MainWindow::addPanel(const PanelSpec& spec) {
    auto* dock = new QDockWidget(spec.title, this);
    dock->setObjectName(spec.id);
    dock->setWidget(spec.widget);
    dock->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable |
                      QDockWidget::DockWidgetFloatable);
    addDockWidget(Qt::RightDockWidgetArea, dock);
    dock->hide();
    m_docks.append(dock);
    auto* toggle = dock->toggleViewAction();
    m_actions.adopt({QStringLiteral("view.panel.") + spec.id, tr("Panel"), spec.title, spec.shortcut, {}}, toggle);
    return dock;
}

void MainWindow::finishSetup() {
    addSeparator(Menu::View);
    for (auto* dock : m_docks)
        m_menus.at(static_cast<int>(Menu::View))->addAction(dock->toggleViewAction());
    changeTextSize(textSize());
    if (const auto geometry = m_settings.value(QStringLiteral("window/geometry")).toByteArray(); !geometry.isEmpty())
        restoreGeometry(geometry);
    m_workspaces->restoreLast();
}

void MainWindow::setStatus(const QString& model, const QString& device, const QString& memory) {
    const auto set = [](QLabel* label, const QString& text) {
        label->setText(text);
        label->setVisible(!text.isEmpty());
    };
    set(m_modelLabel, model);
    set(m_deviceLabel, device);
    set(m_memoryLabel, memory);
}

void MainWindow::showPanel(const QString& id) {
    if (auto* dock = findChild<QDockWidget*>(id)) {
        dock->show();
        dock->raise();
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_workspaces->save();
    m_settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    Q_EMIT closing();
    event->accept();
}

} // namespace bathy::shell
