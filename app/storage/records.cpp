#include "app/storage/records.h"

#include <QDateTime>

#include <atomic>

namespace bathy::storage {

qint64 freshId() {
    static std::atomic<qint64> last = 0;
    constexpr int kCounterBits = 20; // a million ids a millisecond
    qint64 previous = last.load();
    qint64 next = 0;
    do
        next = std::max(previous + 1, QDateTime::currentMSecsSinceEpoch() << kCounterBits);
    while (!last.compare_exchange_weak(previous, next));
    return next;
}

} // namespace bathy::storage
