// What a DeepSeek-V4 config needs of its tensors, under the raw (official) names.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/model/deepseek_v4/config.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bathy::model::deepseek_v4 {

using model::Component;
using model::kComponentCount;
using model::kMaxProblems;
using model::scaleName;
using model::SpecReport;
using model::StoredAs;
using model::TensorRole;
using model::TensorSpec;

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

// Names must already be raw (addRawNames). Reads headers only.
SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint, const Config& config, DraftStages draft);

} // namespace bathy::model::deepseek_v4
