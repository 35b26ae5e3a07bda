// What configurations may say, for families without narrower limits: far above the published models and far below
// anything that could overflow. For parsers of model configs only.
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string>

namespace bathy::model {

inline constexpr std::int64_t kMaxVocab = 1 << 22;
inline constexpr std::int64_t kMaxWidth = 1 << 18;
inline constexpr std::int64_t kMaxHeads = 4096;
inline constexpr std::int64_t kMaxHeadDim = 8192;
inline constexpr std::int64_t kMaxLayers = 512;
inline constexpr std::int64_t kMaxExperts = 4096;
inline constexpr std::int64_t kMaxContext = std::int64_t{1} << 30;

// A configuration that is well-formed, but of a kind that no forward pass here computes.
inline Error unsupportedConfig(const std::string& what) {
    return {ErrorCode::Unsupported, "config.json: " + what};
}

} // namespace bathy::model
