// Listens to the engine's events and keeps, for each conversation, what the inspection panels show. Bounded: positions,
// layers and experts beyond any model are ignored and counted; the routing of the oldest tokens is let go beyond a
// budget of bytes (their totals stay). UI thread.
#pragma once

#include "app/models/engine_stats.h"
#include "app/models/run_data.h"
#include "engine/api/events.h"

#include <QObject>

#include <memory>
#include <span>
#include <unordered_map>

namespace bathy::models {

class RunRecorder : public QObject {
    Q_OBJECT
public:
    static constexpr std::int64_t kMaxPosition = std::int64_t{1} << 24;
    static constexpr int kMaxLayers = 512;
    static constexpr int kMaxExperts = 4096;
    static constexpr std::size_t kRoutingBudgetBytes = std::size_t{256} << 20; // of one conversation

    explicit RunRecorder(QObject* parent = nullptr, std::size_t routingBudgetBytes = kRoutingBudgetBytes);
    ~RunRecorder() override;

    void apply(const api::Event& event);
    void applyAll(std::span<const api::Event> events); // one signal for all of them

    // The conversation that is looked at. The first one that starts becomes it by itself.
    SessionId current() const { return m_current; }
    void setCurrent(SessionId session);

    // What is known now; the same pointer as long as nothing changed. Null: unknown conversation.
    RunDataPtr snapshot(SessionId session) const;
    std::int64_t tokenCount(SessionId session) const; // without making a snapshot; 0: unknown conversation
    RunDataPtr snapshot() const { return snapshot(m_current); }

    const std::shared_ptr<const api::ModelCard>& card() const { return m_card; } // null: no model
    const EngineStats& stats() const { return m_stats; }
    // The newest answer to PlanMemory; null before the first and after another model was loaded.
    const std::shared_ptr<const api::MemoryPlan>& memoryPlan() const { return m_plan; }

Q_SIGNALS:
    void runsChanged();       // some snapshot is another
    void currentChanged();    // current() is another
    void modelChanged();      // card() is another
    void memoryPlanChanged(); // memoryPlan() is another
    void statsChanged();      // whole-process memory

private:
    struct Run;

    void on(const api::ModelLoaded& event);
    void on(const api::ModelUnloaded& event);
    void on(const api::SessionOpened& event);
    void on(const api::SessionRestored& event);
    void on(const api::SessionClosed& event);
    void on(const api::GenerationStarted& event);
    void on(const api::GenerationFinished& event);
    void on(const api::TokenTexts& event);
    void on(const api::PromptEncoded& event);
    void on(const api::MemoryPlan& event);
    void on(const api::Records& event);
    template <class Other>
    void on(const Other&) {}

    void record(const telemetry::TokenEvent& event);
    void record(const telemetry::RoutingEvent& event);
    void record(const telemetry::SpanEvent& event);
    void record(const telemetry::KvEvent& event);
    void record(const telemetry::MemoryEvent& event);
    void record(const telemetry::DropEvent& event);

    Run& run(SessionId session); // made when unknown
    Run* runOf(GenerationId generation);
    void forgetAll();
    void announce();

    std::size_t m_routingBudget;
    std::shared_ptr<const api::ModelCard> m_card;
    std::shared_ptr<TokenTexts> m_texts = std::make_shared<TokenTexts>();
    std::shared_ptr<const api::MemoryPlan> m_plan;
    EngineStats m_stats;
    SessionId m_current{};
    std::unordered_map<SessionId, std::unique_ptr<Run>> m_runs;
    std::unordered_map<GenerationId, SessionId> m_generations;
    // The run that the last record went to: records come in long rows of one generation.
    GenerationId m_lastGeneration{};
    Run* m_lastRun = nullptr;
    bool m_memoryTouched = false;
};

} // namespace bathy::models
