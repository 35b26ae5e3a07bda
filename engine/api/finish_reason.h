// How a generation ended, as the stable name that files and JSON use.
#pragma once

#include "engine/api/events.h"

#include <array>

namespace bathy::api {

inline constexpr std::array kFinishReasonNames{"end_token", "stop_string", "max_tokens", "context_full", "cancelled"};

constexpr const char* finishReasonName(FinishReason reason) {
    return kFinishReasonNames.at(static_cast<std::size_t>(reason));
}

} // namespace bathy::api
