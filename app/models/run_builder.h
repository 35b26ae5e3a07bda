// The changing side of RunData: one conversation as it grows. Shares with snapshots whatever did not change since. UI
// thread.
#pragma once

#include "app/models/run_data.h"

namespace bathy::models {

class RunBuilder {
public:
    RunBuilder(SessionId session, std::shared_ptr<const api::ModelCard> card, std::shared_ptr<const TokenTexts> texts,
               std::size_t routingBudgetBytes);

    // Positions must be in [0, RunRecorder::kMaxPosition), layers and experts within its limits.
    void setToken(const telemetry::TokenEvent& event);
    void setRouting(std::int64_t position, int layer, std::span<const RoutedExpert> experts);
    void addKv(const telemetry::KvEvent& event);
    void startAnswer(GenerationId generation, std::int64_t reusedTokens, std::int64_t promptTokens);
    void finishAnswer(GenerationId generation);
    void cut(std::int64_t tokens); // forgets positions from here on

    std::int64_t tokenCount() const { return m_data.tokenCount; }
    RunDataPtr snapshot() const; // the same pointer until something changes
    bool takeDirty();            // true when something changed since the last call

private:
    TokenChunk& chunkFor(std::int64_t position);
    ExpertTotals& totals();
    KvHistory& kv();
    void removeTotals(const TokenChunk& chunk, int fromSlot);
    void keepWithinBudget();
    void touch();

    RunData m_data;
    std::size_t m_routingBudget;
    std::size_t m_routingBytes = 0;
    std::size_t m_firstChunkWithRouting = 0;
    mutable RunDataPtr m_snapshot;
    bool m_dirty = true;
};

} // namespace bathy::models
