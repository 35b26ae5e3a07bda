// What a family needs of a checkpoint's tensors, and the comparison with what is there. A matrix may be stored as F32,
// BF16, F16, F8_E4M3 with block scales (E8M0 or F32) or packed FP4 (I8 + E8M0 per 32 inputs); its scale has the
// weight's name with ".scale" for ".weight". GGUF block types need none. Plain data.
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::model {

enum class TensorRole : std::uint8_t {
    Matrix, // [out, in]: any float type, FP8 or FP4 with scale
    Plain,  // F32, BF16 or F16
    Table,  // I64 or I32
};

// The rows of the parameter table.
enum class Component : std::uint8_t {
    Attention,
    Compressor,
    Indexer,
    HyperConnections,
    Norms,
    Router,
    SharedExperts,
    RoutedExperts,
    Embedding,
    Head,
    FinalNorm,   // final norm and what belongs to it
    FeedForward, // of layers without experts
};
inline constexpr int kComponentCount = 12;

// How the published checkpoints store a tensor; what `synth` writes.
enum class StoredAs : std::uint8_t { BF16, F32, I64, Fp8Blocks, Fp4 };

struct TensorSpec {
    std::string name;
    std::vector<std::int64_t> shape; // logical: [out, in] of a matrix however it is packed
    TensorRole role{};
    Component component{};
    StoredAs published{};

    std::uint64_t elementCount() const;
};

using TensorVisitor = std::function<void(const TensorSpec&)>;

// Block-wise FP8 of matrices: one scale per blockRows x blockCols. The last blocks may be partial.
struct QuantConfig {
    int blockRows = 128;
    int blockCols = 128;
};

// "layers.0.attn.wq_a.weight" -> "layers.0.attn.wq_a.scale".
std::string scaleName(std::string_view weightName);

struct SpecReport {
    std::vector<std::string> problems; // one sentence each, file order; at most kMaxProblems
    std::uint64_t problemCount = 0;    // all of them
    std::vector<std::string> ignored;  // tensors that are known and not needed

    bool ok() const { return problemCount == 0; }
    void add(std::string problem);
};
inline constexpr std::size_t kMaxProblems = 1000;

// Compares the tensors that `visit` names with those of the checkpoint. `isKnownExtra` tells which of the others are
// known and not needed; all that remain are problems. Reads headers only.
SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint,
                          const std::function<void(const TensorVisitor&)>& visit, const QuantConfig& quant,
                          const std::function<bool(std::string_view name)>& isKnownExtra);

// One error for all differences of a report that is not ok.
Error differences(const std::string& checkpointName, const SpecReport& report);

struct ParameterCount {
    std::uint64_t total = 0;  // integer tables are no parameters
    std::uint64_t active = 0; // touched for one token: one row of the embedding, the chosen ones of the routed experts
    std::array<std::uint64_t, kComponentCount> totalBy{}; // by Component
    std::array<std::uint64_t, kComponentCount> activeBy{};
};
// A token visits `chosen` of `experts` alike routed experts in every layer that has them.
ParameterCount countParameters(const std::function<void(const TensorVisitor&)>& visit, int chosen, int experts);

} // namespace bathy::model
