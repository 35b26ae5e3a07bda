// How config.json says that matrices are quantised.
#pragma once

#include "engine/model/config_reader.h"
#include "engine/model/tensor_spec.h"

namespace bathy::model {

// quantization_config: block-wise FP8, or nothing. Errors: BadFile; Unsupported (another method).
Result<QuantConfig> readQuantConfig(const ConfigReader& reader);

} // namespace bathy::model
