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

    // With Fast, rows are put on the FP8 grid and index keys on the FP4 grid before they are stored (spec 4.4); F32
    // rows hold what was computed.
    bool onGrid() const { return precision == Precision::Fast && kvFormat != KvFormat::F32; }
};

// Errors: Unsupported (packed with other head sizes than the published ones, or with Exact).
Result<RowFormats> chooseFormats(const Config& config, Precision precision, KvFormat asked);

class State final : public SequenceState {
public:
    // Errors: BadArgument, Unsupported, OutOfMemory. `owner` tells the states of one model from those of another.
    // `drafts`: the model has an MTP block, whose cache stands behind those of the layers.
    static Result<std::unique_ptr<State>> create(const Config& config, bool drafts, const StateOptions& options,
                                                 const Model* owner);

    std::int64_t length() const override { return m_cache.length(); }
    std::int64_t contextLimit() const override { return m_cache.maxTokens(); }
    Precision precision() const override { return m_formats.precision; }
    KvFormat kvFormat() const override { return m_formats.kvFormat; }
    std::int64_t truncate(std::int64_t position) override {
        m_guesses.count = 0;
        return m_cache.truncate(position);
    }
    void keepCheckpoint() override { m_cache.keepCheckpoint(); }
    Result<std::unique_ptr<SequenceState>> fork(std::int64_t position) const override;
    telemetry::KvEvent memory() const override { return m_cache.memory(); }
    std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const override {
        return m_cache.lastingBytes(begin, end);
    }
    Result<std::vector<std::byte>> lastingRows(std::int64_t begin, std::int64_t end) const override;
    Result<std::vector<std::byte>> recentRows() const override;
    Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) override;
    Result<void> restoreRecent(std::int64_t length, std::span<const std::byte> bytes) override;

    bool canGuess() const override;

    const Model* owner() const { return m_owner; }
    const RowFormats& formats() const { return m_formats; }
    kv::SequenceCache& cache() { return m_cache; }
    const kv::LayerCache& draftCache() const { return m_cache.layer(m_cache.layerCount() - 1); }

    // What was guessed since the last step of the main model.
    struct Guesses {
        std::int64_t count = 0;
        TokenId first{};            // the token behind the sequence that the first one went by
        std::vector<float> streams; // of the last one, [n, d]
    };
    Guesses& guesses() { return m_guesses; }
    // The streams that the next guess goes out from: the main model's of the last token, or the last guess's.
    const float* guessFrom() const;
    // Errors: BadArgument (no streams were kept of the last token; as many guesses as may be taken back).
    Result<void> checkGuess() const;
    // Before the main model takes in tokens that begin with `next`: forgets the rows of guesses, but for the first
    // one's if it went by that token.
    void endGuesses(TokenId next);

private:
    State(RowFormats formats, kv::SequenceCache cache, const Model* owner, bool drafts)
        : m_formats(formats), m_cache(std::move(cache)), m_owner(owner), m_drafts(drafts) {}

    RowFormats m_formats;
    kv::SequenceCache m_cache;
    Guesses m_guesses;
    const Model* m_owner;
    bool m_drafts;
};

} // namespace bathy::model::deepseek_v4
