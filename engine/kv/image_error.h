// What is wrong with bytes that were kept of a sequence.
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string>

namespace bathy::kv {

inline Error wrongSize(std::uint64_t bytes, std::uint64_t expected) {
    return Error(ErrorCode::BadFile,
                 "stored rows have " + std::to_string(bytes) + " bytes instead of " + std::to_string(expected));
}

} // namespace bathy::kv
