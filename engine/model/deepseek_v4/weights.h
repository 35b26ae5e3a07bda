// The weights of a DeepSeek-V4 model, bound to a checkpoint. Matrices point into the mapped files in their stored form;
// vectors are float32 copies. Immutable once bound. Names in comments are those of the official files (spec 5.1).
#pragma once

#include "engine/model/deepseek_v4/config.h"
#include "engine/ops/experts.h"
#include "engine/ops/hyper_connection.h"
#include "engine/ops/weight.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace bathy::model::deepseek_v4 {

using ops::WeightView;

// hc_attn_*, hc_ffn_* or hc_head_*.
struct HyperWeights {
    WeightView fn;
    std::vector<float> base;
    std::vector<float> scale;

    ops::HyperConnectionWeights view() const { return {fn, base.data(), scale.data()}; }
};

// attn.compressor or attn.indexer.compressor (spec 2.6).
struct CompressorWeights {
    WeightView wkv;          // [parts * width, d]
    WeightView wgate;        // [parts * width, d]
    std::vector<float> ape;  // [ratio, parts * width]
    std::vector<float> norm; // [width]
    std::int64_t ratio = 0;
    std::int64_t width = 0; // of an entry
    bool overlap = false;

    std::int64_t projected() const { return wkv.rows; } // parts * width
};

// attn.indexer (spec 2.7).
struct IndexerWeights {
    WeightView wqB;         // [indexHeads * indexHeadDim, qLoraRank]
    WeightView weightsProj; // [indexHeads, d]
    CompressorWeights compressor;
};

// attn (spec 2.4, 2.5, 2.8, 2.9).
struct AttentionWeights {
    WeightView wqA; // [qLoraRank, d]
    WeightView wqB; // [H * D, qLoraRank]
    WeightView wkv; // [D, d]
    WeightView woA; // [G * outputLoraRank, H * D / G]
    WeightView woB; // [d, G * outputLoraRank]
    std::vector<float> qNorm;
    std::vector<float> kvNorm;
    std::vector<float> sink;                     // [H]
    std::optional<CompressorWeights> compressor; // CSA and HCA
    std::optional<IndexerWeights> indexer;       // CSA
};

// ffn (spec 2.10).
struct MoeWeights {
    WeightView gate;                       // [E, d]
    std::vector<float> bias;               // [E]; empty for hash layers
    std::vector<std::int32_t> hashExperts; // [vocab, expertsPerToken]; empty for learned routers
    std::vector<ops::ExpertWeights> experts;
    std::optional<ops::ExpertWeights> shared;
};

struct LayerWeights {
    LayerConfig config;
    HyperWeights hcAttention;
    HyperWeights hcFfn;
    std::vector<float> attentionNorm;
    std::vector<float> ffnNorm;
    AttentionWeights attention;
    MoeWeights moe;
};

// mtp.0 (spec 2.12); embedding and output matrix are the main model's.
struct DraftWeights {
    WeightView eProj; // [d, d]
    WeightView hProj; // [d, d]
    std::vector<float> eNorm;
    std::vector<float> hNorm;
    LayerWeights block;
    HyperWeights hcHead;
    std::vector<float> norm;
};

struct Weights {
    WeightView embed; // [vocab, d]
    WeightView head;  // [vocab, d]
    std::vector<float> norm;
    HyperWeights hcHead;
    std::vector<LayerWeights> layers;
    std::optional<DraftWeights> draft;
};

} // namespace bathy::model::deepseek_v4
