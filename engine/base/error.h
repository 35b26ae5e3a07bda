// Errors as values. An error has a stable code, one developer's sentence, and context added on the way up; the desktop
// turns codes into translated sentences. Immutable value type, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bathy {

// Stable: the numbers travel over the wire and are kept in captures. Add at the end, never renumber.
enum class ErrorCode : std::uint16_t {
    Cancelled = 1,      // the user stopped it; an outcome, never shown as an error
    Internal = 2,       // a bug of ours that was caught
    BadArgument = 3,    // wrong usage: an option, an id, a range
    BadFile = 4,        // a file from outside breaks the rules of its format
    Unsupported = 5,    // well-formed, but something this build cannot do
    NotFound = 6,       // a file, a name or an id that is not there
    Io = 7,             // the operating system refused to read or write
    OutOfMemory = 8,    // does not fit, said before trying
    DeviceLost = 9,     // a device went away while it was used
    DeviceMissing = 10, // a device that was asked for is not usable here
    Protocol = 11,      // a peer sent something that is not our protocol
    HostDied = 12,      // the engine's process ended unexpectedly
    Busy = 13,          // not now: something else is using it
    NoTokenizer = 14,   // text was given, but the checkpoint has no tokenizer
    ContextFull = 15,   // more tokens than the model or the session can hold
};

// A stable name for logs, JSON and tests: "bad_file".
std::string_view errorCodeName(ErrorCode code);

class [[nodiscard]] Error {
public:
    // `what` says what is wrong and names the file, field or number: "header of model.safetensors is longer than the
    // file". `hint` says what to do about it; may be empty.
    Error(ErrorCode code, std::string what, std::string hint = {});

    ErrorCode code() const { return m_code; }
    const std::string& what() const { return m_what; }
    const std::string& hint() const { return m_hint; }
    bool isCancelled() const { return m_code == ErrorCode::Cancelled; }

    // "loading /models/v4: header of ...": the outermost context stands first.
    Error withContext(std::string_view context) &&;
    Error withContext(std::string_view context) const&;

private:
    ErrorCode m_code;
    std::string m_what;
    std::string m_hint;
};

Error cancelled();

// Exit codes of `bathy`: 0 done, 1 failed, 2 wrong usage, 3 bad input file, 4 does not fit, 5 device, 130 cancelled.
int exitCode(ErrorCode code);

} // namespace bathy
