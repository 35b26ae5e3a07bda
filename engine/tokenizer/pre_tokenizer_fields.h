// The parts of tokenizer.json around the model: what cuts the text becomes split rules, what would change it is
// refused.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/pre_tokenizer.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace bathy::tokenizer {

// Errors: BadFile, Unsupported. `root` is the whole file, an object.
Result<std::vector<SplitRule>> readPreTokenizer(const nlohmann::json& root);
Result<void> checkNormalizer(const nlohmann::json& root);
Result<void> checkDecoder(const nlohmann::json& root);
Result<void> checkPostProcessor(const nlohmann::json& root);

} // namespace bathy::tokenizer
