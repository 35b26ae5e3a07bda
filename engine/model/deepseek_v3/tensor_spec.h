// What a config of the DeepSeek-V3 family needs of its tensors, under the names of Hugging Face, and what else may lie
// beside them.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/model/deepseek_v3/config.h"
#include "engine/model/tensor_spec.h"

#include <cstdint>
#include <string_view>

namespace bathy::model::deepseek_v3 {

// Every tensor of the main layers, with kv_b_proj whole or split.
void visitTensors(const Config& config, bool splitKeyValue, const TensorVisitor& visit);

// The draft layers (MTP) behind the main ones, as published; with what an engine may leave out: copies of the embedding
// and of the output matrix.
void visitDraftTensors(const Config& config, const TensorVisitor& visit);

// Whether kv_b_proj [H (N + V), R] is there as k_b_proj [H R, N], transposed head by head, and v_b_proj [H V, R]: the
// form of newer GGUF files.
bool hasSplitKeyValue(const checkpoint::Checkpoint& checkpoint);

// Layers behind the main ones are draft layers (MTP): recognised, listed and left alone.
bool isDraftTensor(const Config& config, std::string_view name);

// Makes "x.scale" another name of "x.weight_scale_inv". Errors: BadFile (the name is taken).
Result<void> addScaleNames(checkpoint::Checkpoint& checkpoint);

} // namespace bathy::model::deepseek_v3
