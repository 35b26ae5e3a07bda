// What a DeepSeek-V4 model is, as its config.json says: the official keys, or those of transformers (nested
// rope_parameters, layer_types + compress_rates, mlp_layer_types). Plain values, validated: every count is positive and
// small enough that products of any three fit in 64 bits. Field names follow the technical report's words.
#pragma once

#include "engine/base/result.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bathy::model::deepseek_v4 {

enum class AttentionKind : std::uint8_t {
    SlidingWindow,     // ratio 0: window only, main rotary table
    CompressedSparse,  // CSA: overlapping compressor + lightning indexer + window
    HeavilyCompressed, // HCA: non-overlapping compressor, all entries attended + window
};

enum class RouterKind : std::uint8_t {
    Hash,    // experts from a table by input token id (ffn.gate.tid2eid)
    Learned, // sqrt-softplus scores plus bias (ffn.gate.bias), top k
};

struct LayerConfig {
    AttentionKind attention{};
    int ratio = 0; // tokens per compressed entry; 0 for SlidingWindow
    RouterKind router = RouterKind::Learned;

    bool compressed() const { return attention != AttentionKind::SlidingWindow; }
    bool overlapping() const { return attention == AttentionKind::CompressedSparse; }
    // Width multiplier of the compressor's projections: 2 when windows overlap (CSA), else 1.
    int compressorParts() const { return overlapping() ? 2 : 1; }

    bool operator==(const LayerConfig&) const = default;
};

// YaRN of the compress table. factor 1 means none.
struct YarnConfig {
    double factor = 1;
    std::int64_t originalContext = 0;
    double betaFast = 32;
    double betaSlow = 1;
};

// Draft stages of the 0731/0813 releases. Present only where the config has the dspark keys.
struct DsparkConfig {
    int blockSize = 0;
    int noiseToken = 0;
    int markovRank = 0;
    std::vector<int> targetLayers;
};

struct Config {
    int vocabSize = 0;
    int hiddenSize = 0; // d
    int headCount = 0;  // H
    int headDim = 0;    // D; the rotated channels are the last
    int ropeDim = 0;    // R, even, <= headDim and <= indexHeadDim
    int qLoraRank = 0;
    int outputGroups = 0;           // G, divides headCount
    int outputLoraRank = 0;         // width per group
    int slidingWindow = 0;          // keys, the current token included
    std::int64_t contextLength = 0; // max_position_embeddings
    double ropeTheta = 0;           // main table: SlidingWindow and draft layers
    double compressRopeTheta = 0;   // compress table: every tensor of CSA and HCA layers
    YarnConfig yarn;                // compress table only

    int indexHeads = 0;
    int indexHeadDim = 0;
    int indexTopK = 0;

    int routedExperts = 0; // E
    int expertsPerToken = 0;
    int sharedExperts = 0;    // the published models have 1; one shared FFN of sharedExperts * expertWidth
    int expertWidth = 0;      // F, moe_intermediate_size
    double routedScaling = 1; // routed_scaling_factor
    double swigluLimit = 0;   // clamp of gate (above) and up (both sides)

    int hcMult = 0; // n, residual streams
    int sinkhornIterations = 0;
    double hcEps = 0;
    double rmsEps = 0;

    std::vector<LayerConfig> layers; // main layers
    int draftLayersDeclared = 0;     // num_nextn_predict_layers; count draft stages from the tensors instead
    std::optional<DsparkConfig> dspark;
    QuantConfig quant;

    int bosToken = 0;
    std::vector<int> eosTokens;

    // Derived.
    int layerCount() const { return static_cast<int>(layers.size()); }
    int nopeDim() const { return headDim - ropeDim; }      // un-rotated channels of a head
    int queryWidth() const { return headCount * headDim; } // rows of wq_b
    int groupWidth() const { return queryWidth() / outputGroups; }
    int outputMidWidth() const { return outputGroups * outputLoraRank; } // rows of wo_a, columns of wo_b
    int streamWidth() const { return hcMult * hiddenSize; }              // columns of hc_*_fn
    int mixWidth() const { return (2 + hcMult) * hcMult; }               // rows of hc_*_fn: pre, post, comb
    double attentionScale() const;                                       // headDim^-1/2
    double indexScale() const;                                           // indexHeadDim^-1/2 * indexHeads^-1/2
    int count(AttentionKind kind) const;
    // The layer that MTP and DSpark stages use: window attention, learned router.
    static LayerConfig draftLayer() { return {AttentionKind::SlidingWindow, 0, RouterKind::Learned}; }
};

// Errors: BadFile (names the field), Unsupported (another model_type, tied embeddings, an unknown scoring function).
Result<Config> parseConfig(std::string_view configJson);

} // namespace bathy::model::deepseek_v4
