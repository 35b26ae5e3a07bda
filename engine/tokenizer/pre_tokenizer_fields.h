// The parts of tokenizer.json around the model: what cuts the text becomes split rules, what would change it but
// for normal form C is refused.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/pre_tokenizer.h"

#include <nlohmann/json.hpp>
#include <vector>

namespace bathy::tokenizer {

// Errors: BadFile, Unsupported. `root` is the whole file, an object.
Result<std::vector<SplitRule>> readPreTokenizer(const nlohmann::json& root);
// Whether text is put into normal form C first; no other normalisation is known.
Result<bool> readNormalizer(const nlohmann::json& root);
Result<void> checkDecoder(const nlohmann::json& root);
Result<void> checkPostProcessor(const nlohmann::json& root);

} // namespace bathy::tokenizer
