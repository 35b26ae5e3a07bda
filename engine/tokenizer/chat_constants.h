// Sentences that a V4 checkpoint brings in its own `encoding/encoding_dsv4.py` and that we do not ship: the prefixes
// for reasoning effort. The file is never run; its string literals are read and recognised by length and SHA-256
// (specification 6.7). Plain value, any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

struct ChatConstants {
    std::optional<std::string> effortAbsoluteMaximum; // 476 bytes
    std::optional<std::string> effortBeyondMaximum;   // 528 bytes; only the 0731 and 0813 releases have it
    std::string missingReason;                        // why sentences are missing; empty when none is

    // Names of the efforts that can be asked for, weakest first. The weakest is what thinking does without a prefix:
    // "low" in the 0731 and 0813 releases, "high" in the April preview. Empty when no sentence was found.
    std::vector<std::string> efforts() const;
};

// `modelFolder` is the folder of the checkpoint. Never fails: what cannot be read is missing, with the reason.
ChatConstants loadChatConstants(const std::filesystem::path& modelFolder);
// The same from the text of the Python file.
ChatConstants readChatConstants(std::string_view pythonSource);

} // namespace bathy::tokenizer
