// A checkpoint opened as DeepSeek-V4: config parsed, raw tensor names reachable whatever the file calls them, and every
// tensor's presence, shape and dtype checked against the config before anything is allocated from it.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/tensor_spec.h"

#include <filesystem>
#include <stop_token>

namespace bathy::model::deepseek_v4 {

struct OpenedModel {
    checkpoint::Checkpoint checkpoint; // find() takes raw names (spec of tensor_spec.h): "layers.3.attn.wq_a.weight"
    Config config;
    DraftStages draft;
};

// Errors: those of Checkpoint::open and parseConfig; BadFile that lists all differences between tensors and config.
Result<OpenedModel> openModel(const std::filesystem::path& path, const std::stop_token& stop = {});

// The same without the comparison, for tools that report the differences themselves.
Result<OpenedModel> openUnchecked(const std::filesystem::path& path, const std::stop_token& stop = {});

} // namespace bathy::model::deepseek_v4
