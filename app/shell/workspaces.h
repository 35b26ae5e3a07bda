// The four saved arrangements of the window. Leaving one keeps how it was left; "reset" brings its first form back. UI
// thread.
#pragma once

#include <QMainWindow>
#include <QSettings>

#include <array>
#include <optional>

namespace bathy::shell {

enum class Workspace { Chat, Document, Inspect, Bench };
inline constexpr std::array kWorkspaces{Workspace::Chat, Workspace::Document, Workspace::Inspect, Workspace::Bench};

QString workspaceId(Workspace workspace); // stable, for settings

// Where a panel stands in the first form of a workspace.
struct PanelPlace {
    QString panel; // dock's object name
    Qt::DockWidgetArea area;
    int size = 0;  // width of left and right docks, height of bottom docks, in pixels at 96 dpi
    int share = 1; // of the length of the area, against the other panels there
};
std::vector<PanelPlace> defaultPlaces(Workspace workspace);

class Workspaces : public QObject {
    Q_OBJECT
public:
    // `window` has all its docks already, with object names.
    Workspaces(QMainWindow& window, QSettings& settings);

    Workspace current() const { return m_current; }
    void switchTo(Workspace workspace); // keeps the one that is left
    void resetCurrent();
    void save(); // the current one, before closing
    void restoreLast();

Q_SIGNALS:
    void switched(Workspace workspace);

private:
    void arrange(Workspace workspace);

    QMainWindow& m_window;
    QSettings& m_settings;
    Workspace m_current = Workspace::Chat;
};

} // namespace bathy::shell
