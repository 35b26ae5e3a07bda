// One token sequence on a model whose attention forgets nothing: how its rows are stored, and the rows of all layers.
// Engine thread.
#pragma once

#include "engine/kv/position_cache.h"
#include "engine/model/model.h"
#include "engine/ops/packed_rows.h"

#include <memory>
#include <vector>

namespace bathy::model::decoder {

struct RowFormats {
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::BF16; // F32 or BF16
    ops::KvRowFormat rows{};
    ops::IndexKeyFormat keys{};

    // With Fast, index queries and keys are put on the FP8 grid (spec section 8), which Fp8 keys store exactly; not
    // beside F32 rows, which hold what was computed.
    bool onGrid() const { return precision == Precision::Fast && kvFormat != KvFormat::F32; }
};

// Auto: BF16 with Fast, F32 with Exact. Errors: Unsupported (a packed form: those are of the V4 family).
Result<RowFormats> chooseFormats(Precision precision, KvFormat asked);

// Channels that one position takes in one layer.
struct RowShape {
    std::int64_t groups = 1;   // rows side by side, one per key/value head
    std::int64_t channels = 0; // of each
    std::int64_t indexDim = 0; // of the index key; 0: no indexer
};
kv::PositionLayerSpec rowSpec(const RowShape& shape, const RowFormats& formats);

class State final : public SequenceState {
public:
    struct Shape {
        std::vector<RowShape> layers;
        telemetry::KvPart rowsAre{};
        std::int64_t contextLength = 0; // of the model
    };
    // Errors: BadArgument, Unsupported, OutOfMemory. `owner` tells the states of one model from those of another.
    static Result<std::unique_ptr<State>> create(const Shape& shape, const StateOptions& options, const Model* owner);

    std::int64_t length() const override { return m_cache.length(); }
    std::int64_t contextLimit() const override { return m_cache.maxTokens(); }
    Precision precision() const override { return m_formats.precision; }
    KvFormat kvFormat() const override { return m_formats.kvFormat; }
    std::int64_t truncate(std::int64_t position) override { return m_cache.truncate(position); }
    void keepCheckpoint() override {} // every position can be reached anyway
    Result<std::unique_ptr<SequenceState>> fork(std::int64_t position) const override;
    telemetry::KvEvent memory() const override { return m_cache.memory(); }
    std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const override {
        return m_cache.lastingBytes(begin, end);
    }
    Result<std::vector<std::byte>> lastingRows(std::int64_t begin, std::int64_t end) const override;
    Result<std::vector<std::byte>> recentRows() const override {
        return std::vector<std::byte>();
    } // nothing is forgotten
    Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) override;
    Result<void> restoreRecent(std::int64_t length, std::span<const std::byte> bytes) override;

    const Model* owner() const { return m_owner; }
    const RowFormats& formats() const { return m_formats; }
    kv::PositionCache& cache() { return m_cache; }

private:
    State(RowFormats formats, kv::PositionCache cache, const Model* owner)
        : m_formats(formats), m_cache(std::move(cache)), m_owner(owner) {}

    RowFormats m_formats;
    kv::PositionCache m_cache;
    const Model* m_owner;
};

} // namespace bathy::model::decoder
