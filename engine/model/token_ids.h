// Token ids in config.json.
#pragma once

#include "engine/base/ids.h"
#include "engine/model/config_reader.h"

#include <cstdint>
#include <vector>

namespace bathy::model {

// One id or a list of them under `key`; empty when it is absent. Errors: BadFile (no token of the vocabulary).
Result<std::vector<TokenId>> readTokenIds(const ConfigReader& reader, const char* key, std::int64_t vocabSize);

} // namespace bathy::model
