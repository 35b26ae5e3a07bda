#include "app/shell/workspaces.h"

#include <QDockWidget>

namespace bathy::shell {
namespace {

constexpr int kStateVersion = 1; // raise when a panel's object name changes

QString stateKey(Workspace workspace) {
    return QStringLiteral("workspaces/") + workspaceId(workspace);
}

} // namespace

QString workspaceId(Workspace workspace) {
    switch (workspace) {
    case Workspace::Chat:
        return QStringLiteral("chat");
    case Workspace::Document:
        return QStringLiteral("document");
    case Workspace::Inspect:
        return QStringLiteral("inspect");
    case Workspace::Bench:
        return QStringLiteral("bench");
    }
    return {};
}

std::vector<PanelPlace> defaultPlaces(Workspace workspace) {
    const auto routing = QStringLiteral("routing");
    const auto memory = QStringLiteral("memory");
    const auto tokens = QStringLiteral("tokens");
    const auto models = QStringLiteral("models");
    const auto snapshots = QStringLiteral("snapshots");
    const auto attention = QStringLiteral("attention");
    switch (workspace) {
    case Workspace::Chat:
        return {{routing, Qt::RightDockWidgetArea, 480, 1}};
    case Workspace::Document:
        return {{attention, Qt::RightDockWidgetArea, 520, 3}, {snapshots, Qt::RightDockWidgetArea, 520, 1}};
    case Workspace::Inspect:
        return {{routing, Qt::RightDockWidgetArea, 640, 3},
                {memory, Qt::RightDockWidgetArea, 640, 2},
                {tokens, Qt::BottomDockWidgetArea, 300, 1}};
    case Workspace::Bench:
        return {{models, Qt::RightDockWidgetArea, 520, 1}, {memory, Qt::RightDockWidgetArea, 520, 1}};
    }
    return {};
}

Workspaces::Workspaces(QMainWindow& window, QSettings& settings)
    : QObject(&window), m_window(window), m_settings(settings) {}

void Workspaces::arrange(Workspace workspace) {
    const auto places = defaultPlaces(workspace);
    for (auto* dock : m_window.findChildren<QDockWidget*>()) {
        dock->setFloating(false);
        dock->hide();
    }
    QList<QDockWidget*> sides, bottoms;
    QList<int> widths, heights, sideShares;
    for (const auto& place : places) {
        auto* dock = m_window.findChild<QDockWidget*>(place.panel);
        if (!dock)
            continue;
        m_window.addDockWidget(place.area, dock);
        dock->show();
        if (place.area == Qt::BottomDockWidgetArea) {
            bottoms.append(dock);
            heights.append(place.size);
        } else {
            sides.append(dock);
            widths.append(place.size);
            sideShares.append(place.share * 200);
        }
    }
    if (!sides.isEmpty()) {
        m_window.resizeDocks(sides, widths, Qt::Horizontal);
        m_window.resizeDocks(sides, sideShares, Qt::Vertical);
    }
    if (!bottoms.isEmpty())
        m_window.resizeDocks(bottoms, heights, Qt::Vertical);
}

void Workspaces::switchTo(Workspace workspace) {
    if (workspace == m_current)
        return;
    save();
    m_current = workspace;
    m_settings.setValue(QStringLiteral("workspaces/last"), workspaceId(workspace));
    const auto state = m_settings.value(stateKey(workspace)).toByteArray();
    if (state.isEmpty() || !m_window.restoreState(state, kStateVersion))
        arrange(workspace);
    Q_EMIT switched(workspace);
}

void Workspaces::resetCurrent() {
    m_settings.remove(stateKey(m_current));
    arrange(m_current);
}

void Workspaces::save() {
    m_settings.setValue(stateKey(m_current), m_window.saveState(kStateVersion));
}

void Workspaces::restoreLast() {
    const auto last = m_settings.value(QStringLiteral("workspaces/last")).toString();
    for (const auto workspace : kWorkspaces)
        if (workspaceId(workspace) == last)
            m_current = workspace;
    const auto state = m_settings.value(stateKey(m_current)).toByteArray();
    if (state.isEmpty() || !m_window.restoreState(state, kStateVersion))
        arrange(m_current);
    Q_EMIT switched(m_current);
}

} // namespace bathy::shell
