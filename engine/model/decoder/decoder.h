// The frame of the families built of plain pre-norm layers: embedding, h += attention(norm(h)), h += ffn(norm(h)),
// final norm, output matrix. A family brings its attention and its feed-forward part. Engine thread.
#pragma once

#include "engine/device/cpu/cpu_features.h"
#include "engine/model/decoder/scratch_plan.h"
#include "engine/model/decoder/state.h"
#include "engine/model/decoder/step.h"
#include "engine/model/weight_store.h"
#include "engine/ops/scratch.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bathy::model::decoder {

// What the frame must know of a config.
struct Facts {
    std::string_view family;
    std::int64_t vocabSize = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t contextLength = 0;
    int layerCount = 0;
    int routedExperts = 0; // 0: dense
    int expertsPerToken = 0;
    double rmsEps = 0;
    std::vector<float> ropeFrequencies; // [ropeDim / 2]
    double ropeMagnitude = 1;           // of cos and sin
    State::Shape state;

    std::int64_t ropeDim() const { return 2 * static_cast<std::int64_t>(ropeFrequencies.size()); }
};

// Weights outside of attention and feed-forward.
struct FrameWeights {
    ops::WeightView embed; // [vocab, d]
    ops::WeightView head;  // [vocab, d]; the embedding where the two are tied
    std::vector<float> norm;
    struct Norms {
        std::vector<float> attention;
        std::vector<float> feedForward;
    };
    std::vector<Norms> layers;
};

// Names of Hugging Face: model.embed_tokens, model.norm, lm_head, model.layers.{i}.{input,post_attention}_layernorm.
// Errors: those of WeightStore.
Result<FrameWeights> bindFrame(WeightStore& store, const Facts& facts, bool tied);

class Decoder : public Model {
public:
    std::string_view family() const override { return m_facts.family; }
    std::int64_t vocabularySize() const override { return m_facts.vocabSize; }
    std::int64_t contextLength() const override { return m_facts.contextLength; }
    int layerCount() const override { return m_facts.layerCount; }
    int expertsPerToken() const override { return m_facts.expertsPerToken; }
    int expertCount() const override { return m_facts.routedExperts; }

    Result<std::unique_ptr<SequenceState>> createState(const StateOptions& options) override;
    Result<void> forward(SequenceState& state, std::span<const TokenId> tokens, const ForwardOptions& options) override;

    std::uint64_t weightBytes() const override { return m_weightBytes; }
    std::uint64_t weightBytesTouched() const override;
    std::uint64_t scratchBytes() const override { return m_scratch.reservedBytes(); }
    std::uint64_t scratchBytesFor(int chunk, std::int64_t tokens) const override;

    // Stored bytes of the matrices, in the order of their use.
    const WeightRanges& weightRanges() const { return m_ranges; }

protected:
    Decoder(ThreadPool& pool, device::CpuLevel level) : m_pool(pool), m_level(level) {}

    // To be called once, before anything else.
    void setUp(Facts facts, FrameWeights weights, const WeightStore& store);
    const Facts& facts() const { return m_facts; }

    virtual const checkpoint::Checkpoint& files() const = 0;
    // y [T, d] from the normed x [T, d]; y does not overlap x. Rows of the chunk go to step.cache.layer(layer).
    virtual void attend(const Step& step, std::size_t layer, const float* x, float* y) = 0;
    virtual void feedForward(const Step& step, std::size_t layer, const float* x, float* y) = 0;
    // An upper bound of the work space that a chunk takes.
    virtual std::uint64_t planScratchBytes(int threads, std::int64_t chunk, std::int64_t tokens) const = 0;
    // Bytes of routed experts that no token has visited.
    virtual std::uint64_t untouchedExpertBytes() const { return 0; }

private:
    // Which of the chunk's tokens want logits: the last `count`. `out` is [count, vocab].
    struct LogitsRequest {
        std::int64_t count = 0;
        float* out = nullptr;
    };

    Result<void> check(const State* state, std::span<const TokenId> tokens, const ForwardOptions& options) const;
    // Bytes that a step would take from the system: cache and work space.
    std::uint64_t stepBytes(State& state, std::int64_t tokens) const;
    void runChunks(State& state, std::span<const TokenId> tokens, const ForwardOptions& options);
    void runChunk(State& state, std::int64_t first, std::span<const std::int32_t> ids, const ForwardOptions& options,
                  const LogitsRequest& logits);
    void runLayers(const Step& step, float* h);
    void writeLogits(const Step& step, const float* h, const LogitsRequest& logits);

    ThreadPool& m_pool;
    device::CpuLevel m_level;
    Facts m_facts;
    FrameWeights m_weights;
    WeightRanges m_ranges;
    std::uint64_t m_weightBytes = 0;
    ops::Scratch m_scratch;
    std::vector<bool> m_embeddingRowsTouched; // [vocab]
    bool m_layersTouched = false;
    bool m_headTouched = false;
};

} // namespace bathy::model::decoder
