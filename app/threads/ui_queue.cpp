#include "app/threads/ui_queue.h"

#include <QCoreApplication>
#include <QEvent>
#include <QPointer>

#include <utility>

namespace bathy::threads {

void UiQueue::post(std::function<void()> work) {
    const std::scoped_lock lock(m_mutex);
    m_waiting.push_back(std::move(work));
    if (m_waiting.size() == 1)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

void UiQueue::customEvent(QEvent*) {
    std::vector<std::function<void()>> work;
    {
        const std::scoped_lock lock(m_mutex);
        work.swap(m_waiting);
    }
    const QPointer<UiQueue> alive(this); // work may take down what owns this
    for (const auto& one : work) {
        if (!alive)
            return;
        one();
    }
}

} // namespace bathy::threads
