// One token sequence on a DeepSeek-V4 model: how its rows are encoded and the caches of all layers. Engine thread.
#pragma once

#include "engine/kv/sequence_cache.h"
#include "engine/model/deepseek_v4/config.h"
#include "engine/model/model.h"
#include "engine/ops/packed_rows.h"

#include <memory>

namespace bathy::model::deepseek_v4 {

// How rows and index keys of one sequence are made and stored.
struct RowFormats {
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::Auto; // never Auto in a state
    ops::KvRowLayout rows;
    ops::IndexKeyFormat keys{};

    // With Fast, rows are put on the FP8 grid and index keys on the FP4 grid before they are stored (spec 4.4).
    bool onGrid() const { return precision == Precision::Fast; }
};

// Errors: Unsupported (packed with other head sizes than the published ones, or with Exact).
Result<RowFormats> chooseFormats(const Config& config, Precision precision, KvFormat asked);

class State final : public SequenceState {
public:
    // Errors: BadArgument, Unsupported, OutOfMemory. `owner` tells the states of one model from those of another.
    static Result<std::unique_ptr<State>> create(const Config& config, const StateOptions& options, const Model* owner);

    std::int64_t length() const override { return m_cache.length(); }
    std::int64_t contextLimit() const override { return m_cache.maxTokens(); }
    Precision precision() const override { return m_formats.precision; }
    KvFormat kvFormat() const override { return m_formats.kvFormat; }
    std::int64_t truncate(std::int64_t position) override { return m_cache.truncate(position); }
    void keepCheckpoint() override { m_cache.keepCheckpoint(); }
    Result<std::unique_ptr<SequenceState>> fork(std::int64_t position) const override;
    telemetry::KvEvent memory() const override { return m_cache.memory(); }

    const Model* owner() const { return m_owner; }
    const RowFormats& formats() const { return m_formats; }
    kv::SequenceCache& cache() { return m_cache; }

private:
    State(RowFormats formats, kv::SequenceCache cache, const Model* owner)
        : m_formats(formats), m_cache(std::move(cache)), m_owner(owner) {}

    RowFormats m_formats;
    kv::SequenceCache m_cache;
    const Model* m_owner;
};

} // namespace bathy::model::deepseek_v4
