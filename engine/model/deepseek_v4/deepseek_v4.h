// The DeepSeek-V4 family as a Model. Engine thread.
#pragma once

#include "engine/device/cpu/cpu_features.h"
#include "engine/model/deepseek_v4/forward.h"
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/deepseek_v4/weights.h"
#include "engine/model/model.h"
#include "engine/model/read_ahead.h"
#include "engine/ops/scratch.h"

#include <memory>

namespace bathy::model::deepseek_v4 {

class DeepseekV4 final : public Model {
public:
    // Binds the weights; reads only small tensors. `pool` outlives the model. Errors: those of bindWeights; Unsupported
    // (more experts per token or residual streams than this build takes).
    static Result<std::unique_ptr<DeepseekV4>> create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                                      device::CpuLevel level, const std::stop_token& stop = {});

    std::string_view family() const override { return "deepseek_v4"; }
    std::int64_t vocabularySize() const override { return config().vocabSize; }
    std::int64_t contextLength() const override { return config().contextLength; }
    int layerCount() const override { return config().layerCount(); }
    int expertsPerToken() const override { return config().expertsPerToken; }
    int expertCount() const override { return config().routedExperts; }

    Result<std::unique_ptr<SequenceState>> createState(const StateOptions& options) override;
    Result<void> forward(SequenceState& state, std::span<const TokenId> tokens, const ForwardOptions& options) override;

    bool drafts() const override { return m_weights.draft.has_value(); }
    Result<void> draft(SequenceState& state, TokenId token, const DraftOptions& options) override;

    std::uint64_t weightBytes() const override { return m_weightBytes; }
    std::uint64_t weightBytesTouched() const override;
    std::uint64_t scratchBytes() const override { return m_scratch.reservedBytes(); }
    std::uint64_t scratchBytesFor(int chunk, std::int64_t tokens) const override;

    // Stored bytes of the matrices, in the order of their use.
    const WeightRanges& weightRanges() const { return m_ranges; }

private:
    DeepseekV4(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool, device::CpuLevel level)
        : m_opened(std::move(opened)), m_pool(pool), m_level(level) {}

    const Config& config() const { return m_opened->config; }
    Result<void> check(const State* state, std::span<const TokenId> tokens, const ForwardOptions& options) const;
    // Bytes that a step would take from the system: caches and work space.
    std::uint64_t stepBytes(State& state, std::int64_t tokens) const;
    Result<void> checkToken(TokenId token) const;
    Result<void> checkDraft(const State* state, TokenId token, const DraftOptions& options) const;
    void runGuess(State& state, TokenId token, const DraftOptions& options);
    void runChunks(State& state, std::span<const TokenId> tokens, const ForwardOptions& options);
    void runChunk(State& state, std::int64_t first, std::span<const std::int32_t> ids, const ForwardOptions& options,
                  const LogitsRequest& logits);

    std::shared_ptr<const OpenedModel> m_opened;
    ThreadPool& m_pool;
    device::CpuLevel m_level;
    Weights m_weights;
    RopeTables m_rope;
    WeightRanges m_ranges;
    std::uint64_t m_weightBytes = 0;
    std::uint64_t m_draftBytes = 0; // of them, of the draft block alone
    ops::Scratch m_scratch;
    TouchedWeights m_touched;
};

} // namespace bathy::model::deepseek_v4
