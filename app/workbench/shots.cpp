#include "app/workbench/shots.h"

#include "app/panels/memory/memory_panel.h"
#include "app/panels/models/models_panel.h"
#include "app/shell/command_palette.h"
#include "app/workbench/workbench.h"

#include <QDir>
#include <QDockWidget>
#include <QTimer>

namespace bathy::workbench {
namespace {

constexpr int kPaintMs = 900; // live views repaint 15 times a second; layouts settle within a few of them
constexpr int kPatienceMs = 90000;

} // namespace

Shots::Shots(Workbench& workbench, QString folder, QString theme, QString prompt)
    : QObject(&workbench), m_workbench(workbench), m_folder(std::move(folder)), m_theme(std::move(theme)),
      m_prompt(std::move(prompt)) {}

void Shots::start() {
    QTimer::singleShot(kPatienceMs, this, [this] { Q_EMIT finished(false); });
    connect(&m_workbench.model(), &models::ModelPresenter::stateChanged, this, &Shots::whenLoaded);
    connect(&m_workbench.chat(), &models::ChatPresenter::activityChanged, this, &Shots::whenAnswered);
    whenLoaded();
}

void Shots::whenLoaded() {
    using State = models::ModelPresenter::State;
    const auto state = m_workbench.model().state();
    if (state == State::Failed || state == State::EngineDead)
        Q_EMIT finished(false);
    if (state != State::Loaded || m_asked)
        return;
    m_asked = true;
    QTimer::singleShot(kPaintMs, this, [this] {
        save(QStringLiteral("empty-chat"), m_workbench.window());
        m_workbench.chat().send(m_prompt);
    });
}

void Shots::whenAnswered() {
    if (m_asked && m_steps.empty() && m_workbench.chat().activity() == models::ChatPresenter::Activity::Idle)
        QTimer::singleShot(kPaintMs, this, &Shots::takeAll);
}

void Shots::takeAll() {
    if (!m_steps.empty())
        return;
    auto& window = m_workbench.window();
    for (const auto workspace : shell::kWorkspaces) {
        m_steps.emplace_back([&window, workspace] { window.workspaces().switchTo(workspace); });
        m_steps.emplace_back(
            [this, &window, workspace] { save(QStringLiteral("workspace-") + shell::workspaceId(workspace), window); });
    }
    m_steps.emplace_back([this, &window] {
        window.workspaces().switchTo(shell::Workspace::Inspect);
        if (const auto run = m_workbench.runs().snapshot(); run && run->lastAnswer())
            m_workbench.selection().selectToken((run->lastAnswer()->begin + run->lastAnswer()->end) / 2);
    });
    m_steps.emplace_back([this, &window] { save(QStringLiteral("selected-token"), window); });
    for (auto* dock : window.findChildren<QDockWidget*>()) {
        m_steps.emplace_back([dock] {
            dock->setFloating(true);
            dock->resize(860, 560);
            dock->show();
        });
        m_steps.emplace_back([this, dock] { save(QStringLiteral("panel-") + dock->objectName(), *dock->widget()); });
        if (auto* memory = qobject_cast<panels::MemoryPanel*>(dock->widget())) {
            m_steps.emplace_back([memory] { memory->setView(panels::MemoryView::Forecast); });
            m_steps.emplace_back([this, memory] {
                save(QStringLiteral("panel-memory-forecast"), *memory);
                memory->setView(panels::MemoryView::Conversation);
            });
        }
        if (auto* models = qobject_cast<panels::ModelsPanel*>(dock->widget())) {
            m_steps.emplace_back([models] { models->showLibrary(); });
            m_steps.emplace_back([this, models] { save(QStringLiteral("panel-models-library"), *models); });
            m_steps.emplace_back([models] { models->showPlanner(); });
            m_steps.emplace_back([this, models] { save(QStringLiteral("panel-models-plan"), *models); });
        }
        m_steps.emplace_back([dock] { dock->setFloating(false); });
    }
    m_steps.emplace_back([&window] {
        window.workspaces().switchTo(shell::Workspace::Chat);
        window.actions().find(QStringLiteral("view.palette"))->trigger();
    });
    m_steps.emplace_back([this, &window] { save(QStringLiteral("command-palette"), window); });
    m_steps.emplace_back([&window] {
        window.findChild<shell::CommandPalette*>()->hide();
        window.actions().find(QStringLiteral("view.overlay"))->trigger();
    });
    m_steps.emplace_back([this, &window] { save(QStringLiteral("overlay"), window); });
    next();
}

void Shots::next() {
    if (m_step == m_steps.size()) {
        Q_EMIT finished(m_good);
        return;
    }
    m_steps[m_step++]();
    QTimer::singleShot(kPaintMs, this, &Shots::next);
}

void Shots::save(const QString& what, QWidget& widget) {
    const auto path = QDir(m_folder).filePath(QStringLiteral("%1-%2.png").arg(what, m_theme));
    m_good = widget.grab().save(path) && m_good;
}

} // namespace bathy::workbench
