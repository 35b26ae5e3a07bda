#include "widgets/common/live_update.h"

#include <QEvent>
#include <QWidget>

#include <algorithm>

namespace bathy::widgets {

LiveUpdate::LiveUpdate(QWidget& widget, std::function<void()> refresh)
    : QObject(&widget), m_widget(widget), m_refresh(std::move(refresh)) {
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &LiveUpdate::run);
    widget.installEventFilter(this);
}

void LiveUpdate::request() {
    m_pending = true;
    if (!m_widget.isVisible() || m_timer.isActive())
        return;
    const qint64 since = m_sinceLast.isValid() ? m_sinceLast.elapsed() : kLiveIntervalMs;
    m_timer.start(static_cast<int>(std::clamp<qint64>(kLiveIntervalMs - since, 0, kLiveIntervalMs)));
}

void LiveUpdate::requestAtOnce() {
    m_pending = true;
    if (m_widget.isVisible())
        run();
}

void LiveUpdate::run() {
    if (!m_pending || !m_widget.isVisible())
        return;
    m_timer.stop();
    m_pending = false;
    m_sinceLast.start();
    m_refresh();
}

bool LiveUpdate::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_widget && event->type() == QEvent::Show && m_pending)
        run();
    return QObject::eventFilter(watched, event);
}

} // namespace bathy::widgets
