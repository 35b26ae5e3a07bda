// Brings work from other threads to the thread that made it, in order. The work passes under a mutex of ours and not
// inside Qt's event, so that ThreadSanitizer, which does not know the locks inside an uninstrumented Qt, sees it handed
// over.
#pragma once

#include <QObject>

#include <functional>
#include <mutex>
#include <vector>

namespace bathy::threads {

class UiQueue : public QObject {
public:
    // Any thread, while this lives. What has not run when this goes never does.
    void post(std::function<void()> work);

protected:
    void customEvent(QEvent* event) override;

private:
    std::mutex m_mutex;
    std::vector<std::function<void()>> m_waiting;
};

} // namespace bathy::threads
