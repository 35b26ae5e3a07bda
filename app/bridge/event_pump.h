// Hands the engine's events to the window in batches, at display rate at most. Nothing runs while nothing arrives.
// UI thread.
#pragma once

#include "engine/api/events.h"

#include <QElapsedTimer>
#include <QMetaType>
#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

namespace bathy::bridge {

class EngineLink;

using EventBatch = std::shared_ptr<const std::vector<api::Event>>;

class EventPump : public QObject {
    Q_OBJECT
public:
    static constexpr int kIntervalMs = 16; // 60 Hz

    // `link` outlives the pump.
    explicit EventPump(EngineLink& link, QObject* parent = nullptr);

    // Delivers what waits now, without the timer.
    void drain();
    // Delivers events that did not come from the engine, for example an answer that is replayed from the store.
    void inject(std::vector<api::Event> events);

Q_SIGNALS:
    void eventsReady(bathy::bridge::EventBatch batch);

private:
    void schedule();

    EngineLink& m_link;
    QTimer m_timer;
    QElapsedTimer m_sinceDrain;
};

} // namespace bathy::bridge

Q_DECLARE_METATYPE(bathy::bridge::EventBatch)
