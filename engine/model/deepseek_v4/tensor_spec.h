// What a DeepSeek-V4 config needs of its tensors, under the raw (official) names, and the comparison with what is
// there. A matrix may be stored as F32, BF16, F16, F8_E4M3 with block scales (E8M0 or F32) or packed FP4 (I8 + E8M0 per
// 32 inputs); its scale has the weight's name with ".scale" for ".weight".
#pragma once

#include "engine/base/dtype.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/deepseek_v4/config.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bathy::model::deepseek_v4 {

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
    FinalNorm, // final norm and the HC head
};
inline constexpr int kComponentCount = 11;

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

enum class DraftKind : std::uint8_t { None, Mtp, Dspark };
struct DraftStages {
    DraftKind kind = DraftKind::None;
    int count = 0; // stages mtp.0 .. mtp.{count - 1}
};

// Calls `visit` for every tensor of the main model, layer by layer, in the order the official files use.
void visitMainTensors(const Config& config, const std::function<void(const TensorSpec&)>& visit);
// The same for the draft stages.
void visitDraftTensors(const Config& config, DraftStages draft, const std::function<void(const TensorSpec&)>& visit);

// From the names mtp.*: e_proj means MTP, main_proj means DSpark; other names give None.
DraftStages findDraftStages(const checkpoint::Checkpoint& checkpoint);

// "layers.0.attn.wq_a.weight" -> "layers.0.attn.wq_a.scale".
std::string scaleName(std::string_view weightName);

struct SpecReport {
    std::vector<std::string> problems; // one sentence each, file order; at most kMaxProblems
    std::uint64_t problemCount = 0;    // all of them
    std::vector<std::string>
        ignored; // tensors that are known and not needed (rotary tables, draft copies of embed/head)
    bool ok() const { return problemCount == 0; }
};
inline constexpr std::size_t kMaxProblems = 1000;

// Names must already be raw (addRawNames). Reads headers only.
SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint, const Config& config, DraftStages draft);

} // namespace bathy::model::deepseek_v4
