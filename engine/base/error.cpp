#include "engine/base/error.h"

#include <utility>

namespace bathy {

std::string_view errorCodeName(ErrorCode code) {
    switch (code) {
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::Internal:
        return "internal";
    case ErrorCode::BadArgument:
        return "bad_argument";
    case ErrorCode::BadFile:
        return "bad_file";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::OutOfMemory:
        return "out_of_memory";
    case ErrorCode::DeviceLost:
        return "device_lost";
    case ErrorCode::DeviceMissing:
        return "device_missing";
    case ErrorCode::Protocol:
        return "protocol";
    case ErrorCode::HostDied:
        return "host_died";
    case ErrorCode::Busy:
        return "busy";
    case ErrorCode::NoTokenizer:
        return "no_tokenizer";
    case ErrorCode::ContextFull:
        return "context_full";
    }
    return "unknown";
}

Error::Error(ErrorCode code, std::string what, std::string hint)
    : m_code(code), m_what(std::move(what)), m_hint(std::move(hint)) {}

Error Error::withContext(std::string_view context) && {
    m_what.insert(0, ": ").insert(0, context);
    return std::move(*this);
}

Error Error::withContext(std::string_view context) const& {
    return Error(*this).withContext(context);
}

Error cancelled() {
    return Error(ErrorCode::Cancelled, "stopped on request");
}

int exitCode(ErrorCode code) {
    switch (code) {
    case ErrorCode::Cancelled:
        return 130;
    case ErrorCode::BadArgument:
        return 2;
    case ErrorCode::BadFile:
    case ErrorCode::Unsupported:
    case ErrorCode::NoTokenizer:
        return 3;
    case ErrorCode::OutOfMemory:
    case ErrorCode::ContextFull:
        return 4;
    case ErrorCode::DeviceLost:
    case ErrorCode::DeviceMissing:
        return 5;
    case ErrorCode::NotFound:
        return 3;
    case ErrorCode::Internal:
    case ErrorCode::Io:
    case ErrorCode::Protocol:
    case ErrorCode::HostDied:
    case ErrorCode::Busy:
        return 1;
    }
    return 1;
}

} // namespace bathy
