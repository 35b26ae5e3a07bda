// Raw (official) and transformers names of the same tensors. Pure string work, any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <string>
#include <string_view>

namespace bathy::model::deepseek_v4 {

// The raw name of a tensor given under either convention, with or without "model."; a name that is already raw or
// unknown comes back unchanged. Stacked experts have no single raw name and come back unchanged.
std::string rawName(std::string_view name);

// Makes every tensor reachable under its raw name: renames become aliases, stacked experts
// ("mlp.experts.gate_up_proj" [E, 2F, d], "down_proj" [E, d, F]) become one alias per expert and matrix.
// Errors: BadFile when two tensors claim one raw name or a stacked tensor has no such shape.
Result<void> addRawNames(checkpoint::Checkpoint& checkpoint);

} // namespace bathy::model::deepseek_v4
