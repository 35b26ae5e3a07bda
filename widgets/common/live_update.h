// Runs a refresh at most 15 times a second while a widget is visible, and not at all while it is hidden; what was asked
// for meanwhile happens when it is shown. UI thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>

class QWidget;

namespace bathy::widgets {

inline constexpr int kLiveIntervalMs = 67;

class LiveUpdate : public QObject {
    Q_OBJECT
public:
    LiveUpdate(QWidget& widget, std::function<void()> refresh);

    void request();       // soon
    void requestAtOnce(); // now if visible: what a person just did must not wait

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void run();

    QWidget& m_widget;
    std::function<void()> m_refresh;
    QTimer m_timer;
    QElapsedTimer m_sinceLast;
    bool m_pending = false;
};

} // namespace bathy::widgets
