// What one can know of a checkpoint without running it, as plain data: for `bathy info` and for the desktop's card.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/precision.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bathy::model {

struct ComponentCount {
    std::string name; // "routed experts"
    std::uint64_t total = 0;
    std::uint64_t active = 0;
};

struct DTypeBytes {
    std::string name; // as in the file: "F8_E4M3"; "FP4" for matrices packed under an integer type
    std::uint64_t bytes = 0;
};

// Conversation memory under one way of storing it.
struct KvCost {
    std::string name;
    std::optional<KvFormat> format;  // nothing: another architecture, for comparison
    double bytesPerToken = 0;        // marginal, long-run average
    std::uint64_t constantBytes = 0; // rings, whatever the length
    std::vector<std::uint64_t> at;   // bytes held at kKvLengths tokens, rings included
};
inline constexpr std::int64_t kKvLengths[] = {4096, 131'072, 1'048'576};

enum class AttentionForm : std::uint8_t {
    SlidingWindow,
    CompressedSparse,
    HeavilyCompressed,
    Latent,       // one latent row a token, every token attended (V2, V3)
    SparseLatent, // the same, tokens chosen by an indexer (V3.2)
    Grouped,      // keys and values of every token, shared by groups of heads
};
enum class RouterForm : std::uint8_t { None, Hash, Learned };

struct LayerFacts {
    AttentionForm attention{};
    int ratio = 0; // tokens per compressed entry; 0 where nothing is compressed
    RouterForm router{};
};

struct ModelCard {
    std::string name;
    std::string path; // the folder
    std::string family;
    std::string fingerprint;
    std::uint64_t parametersTotal = 0; // draft stages not counted
    std::uint64_t parametersActive = 0;
    std::uint64_t parametersDraft = 0;
    std::vector<ComponentCount> components;
    std::uint64_t tensorCount = 0;
    std::uint64_t weightBytes = 0;
    std::vector<DTypeBytes> bytesByDtype; // largest first
    std::int64_t contextLength = 0;
    std::int64_t vocabularySize = 0;
    int hiddenSize = 0;
    int headCount = 0;
    int headDim = 0;       // channels of a query head
    int slidingWindow = 0; // 0: none
    int indexTopK = 0;     // 0: no indexer
    int routedExperts = 0; // 0: dense
    int expertsPerToken = 0;
    int sharedExperts = 0;
    std::vector<LayerFacts> layers;
    std::string draftKind; // "MTP", "DSpark" or empty
    int draftStages = 0;
    std::vector<KvCost> kv;         // the family's own forms, smallest first, then other architectures for comparison
    std::vector<TokenId> endTokens; // generation ends after any of these
    std::vector<std::string> warnings;
};

// What the files say: name, path, fingerprint, tensors and their bytes, notes.
ModelCard describeFiles(const checkpoint::Checkpoint& checkpoint);
void setParameters(ModelCard& card, const ParameterCount& count);
// A form that grows by `bytesPerToken` and holds nothing else.
KvCost linearKvCost(std::string name, std::optional<KvFormat> format, double bytesPerToken);
// The same context elsewhere: DeepSeek-V3.2 with FP8 latents (61 layers, 656 + 132 bytes), and plain grouped attention
// with 8 heads of 128 in bf16 over as many layers as the card has.
void addComparisons(ModelCard& card);
double v32BytesPerToken();
double gqaBytesPerToken(int layers);

} // namespace bathy::model
