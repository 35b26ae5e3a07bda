// What one can know of a checkpoint before and after loading it. Plain data; travels over the wire.
#pragma once

#include "engine/api/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bathy::api {

enum class AttentionKind : std::uint8_t {
    SlidingWindow,     // V4
    CompressedSparse,  // V4
    HeavilyCompressed, // V4
    Latent,            // multi-head latent attention over every token (V2, V3)
    SparseLatent,      // the same over the tokens that an indexer picks (V3.2)
    Grouped,           // keys and values of every token, shared by groups of heads (dense models)
};
enum class RouterKind : std::uint8_t { None, Hash, Learned };

struct LayerCard {
    AttentionKind attention{};
    int ratio = 0; // tokens per compressed entry; 0 where nothing is compressed
    RouterKind router{};
};

struct NamedBytes {
    std::string name; // dtype or part
    std::uint64_t bytes = 0;
};

// Bytes of conversation memory at a number of tokens, under one way of storing it.
struct KvCost {
    std::string name;                // "packed 584 + FP4 68", "V3.2 FP8", "GQA-8 bf16"
    double bytesPerToken = 0;        // marginal, long-run average
    std::uint64_t constantBytes = 0; // rings and states, independent of the length
};

struct ModelCard {
    std::string name; // folder or file name, or the checkpoint's own name
    std::string path;
    std::string family;      // "deepseek_v4"
    std::string fingerprint; // xxh3 of headers and config, hexadecimal
    std::string description; // first paragraph of MODEL_CARD.md, may be empty
    std::uint64_t parametersTotal = 0;
    std::uint64_t parametersActive = 0;
    std::uint64_t weightBytes = 0;
    std::vector<NamedBytes> bytesByDtype;
    std::int64_t contextLength = 0;
    std::int64_t vocabularySize = 0;
    int hiddenSize = 0;
    int attentionHeads = 0;
    int headDim = 0;
    int slidingWindow = 0;
    int indexTopK = 0;
    int routedExperts = 0;
    int expertsPerToken = 0;
    std::vector<LayerCard> layers;          // main layers only
    int draftLayers = 0;                    // MTP or DSpark blocks that the file brings
    std::vector<KvCost> kv;                 // first: what a new session here would use; then comparisons
    std::uint64_t memoryTotalBytes = 0;     // of this machine
    std::uint64_t memoryAvailableBytes = 0; // now
    bool fits = false;                      // weights and all else at 4,096 tokens of context, with a reserve left
    bool hasTokenizer = false;
    std::string chatFormat;           // "deepseek_v4"; empty: no tokenizer, or a format that is not known
    std::vector<std::string> efforts; // reasoning efforts that can be asked for
    std::string effortsMissingReason; // why others cannot; empty when none is missing
    SamplingOptions sampling; // where nobody chooses: the general defaults and what the checkpoint suggests over them
    std::vector<std::string> warnings;
};

} // namespace bathy::api
