// What generation_config.json adds to config.json.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <cstdint>
#include <vector>

namespace bathy::model {

// Adds the end tokens that the checkpoint's generation_config.json lists and `tokens` lacks; nothing where there is no
// such file, and for GGUF files, whose neighbours may belong to other models. Errors: BadFile.
Result<void> addGenerationEndTokens(const checkpoint::Checkpoint& checkpoint, std::int64_t vocabSize,
                                    std::vector<TokenId>& tokens);

} // namespace bathy::model
