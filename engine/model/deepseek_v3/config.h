// What a model of the DeepSeek-V3 family is (V2-Lite, V2, V3, R1, V3.1, V3.2), as its config.json says. Plain values,
// validated: every count is positive and small enough that products of any three fit in 64 bits. Field names follow the
// technical reports' words.
#pragma once

#include "engine/base/ids.h"
#include "engine/model/rope_scaling.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bathy::model::deepseek_v3 {

enum class Scoring : std::uint8_t { Softmax, Sigmoid };
// What the best groups of experts are chosen by: the best expert of each (V2) or the sum of its best two (V3).
enum class GroupScore : std::uint8_t { Largest, TopTwoSum };

struct RouterConfig {
    int experts = 0; // E, routed; 0: no layer has experts
    int chosen = 0;  // K
    int groups = 1;
    int groupsKept = 1;
    Scoring scoring = Scoring::Sigmoid;
    GroupScore groupScore = GroupScore::TopTwoSum;
    bool bias = false;      // e_score_correction_bias, for the choice only
    bool normalise = false; // norm_topk_prob
    double scale = 1;       // routed_scaling_factor
};

// The indexer of V3.2 (DeepSeek sparse attention).
struct IndexerConfig {
    int heads = 0;
    int headDim = 0; // rotated channels first
    int topK = 0;
    bool ropeInterleaved = false;
};

struct Config {
    int vocabSize = 0;
    int hiddenSize = 0; // d
    int layerCount = 0; // main layers
    int headCount = 0;  // H
    int qLoraRank = 0;  // 0: one projection (V2-Lite)
    int kvLoraRank = 0; // R
    int nopeDim = 0;    // N, un-rotated channels of a head's query and key; they come first
    int ropeDim = 0;    // P, rotated channels
    int valueDim = 0;   // V
    int denseWidth = 0; // intermediate_size of layers without experts
    int expertWidth = 0;
    int sharedExperts = 0; // one shared feed-forward part of sharedExperts * expertWidth
    int firstDense = 0;    // layers before it have no experts
    int moeFrequency = 1;  // from there on every so-manyth has
    RouterConfig router;
    std::optional<IndexerConfig> indexer;
    RopeConfig rope;
    bool ropeInterleaved = true;
    double rmsEps = 0;
    std::int64_t contextLength = 0;
    int draftLayers = 0; // num_nextn_predict_layers
    QuantConfig quant;
    std::vector<TokenId> endTokens;

    int queryDim() const { return nopeDim + ropeDim; }        // of one head
    int queryWidth() const { return headCount * queryDim(); } // rows of q_b_proj
    int latentDim() const { return kvLoraRank + ropeDim; }    // what the cache holds of a token
    int keyValueDim() const { return nopeDim + valueDim; }    // rows of kv_b_proj per head
    int outputWidth() const { return headCount * valueDim; }  // columns of o_proj
    int sharedWidth() const { return sharedExperts * expertWidth; }
    bool hasExperts(int layer) const { return router.experts > 0 && layer >= firstDense && layer % moeFrequency == 0; }
    // (N + P)^-1/2 times YaRN's factor of the scores.
    double attentionScale() const;
};

// Errors: BadFile (names the field), Unsupported (a choice that the family's equations do not have).
Result<Config> parseConfig(std::string_view configJson);

} // namespace bathy::model::deepseek_v3
