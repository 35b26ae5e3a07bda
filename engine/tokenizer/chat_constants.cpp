#include "engine/tokenizer/chat_constants.h"

#include "engine/base/sha256.h"
#include "engine/base/text_file.h"
#include "engine/tokenizer/python_strings.h"

namespace bathy::tokenizer {
namespace {

constexpr std::uint64_t kMaxFileBytes = 4ULL << 20U; // the published file has some 30 KB

// Specification 6.7.
struct Known {
    std::size_t bytes;
    std::string_view sha256;
};
constexpr Known kAbsoluteMaximum{476, "f7a24f3b3050d4a83781e9b755b316aae2ec1d9dc87562541d90bcb04d7350f7"};
constexpr Known kBeyondMaximum{528, "53fb31b8392ec5b4a926481943efc67636748f137c1a49d493a7af4d4fa55d2c"};

bool is(const std::string& text, const Known& known) {
    return text.size() == known.bytes && sha256Hex(text) == known.sha256;
}

} // namespace

std::vector<std::string> ChatConstants::efforts() const {
    if (effortBeyondMaximum)
        return effortAbsoluteMaximum ? std::vector<std::string>{"low", "high", "max"}
                                     : std::vector<std::string>{"low", "max"};
    return effortAbsoluteMaximum ? std::vector<std::string>{"high", "max"} : std::vector<std::string>{};
}

ChatConstants readChatConstants(std::string_view pythonSource) {
    ChatConstants constants;
    for (auto& literal : pythonStrings(pythonSource)) {
        if (is(literal, kAbsoluteMaximum))
            constants.effortAbsoluteMaximum = std::move(literal);
        else if (is(literal, kBeyondMaximum))
            constants.effortBeyondMaximum = std::move(literal);
    }
    if (!constants.effortAbsoluteMaximum)
        constants.missingReason = "encoding/encoding_dsv4.py does not hold the published sentence for maximum effort";
    return constants;
}

ChatConstants loadChatConstants(const std::filesystem::path& modelFolder) {
    const auto source = readTextFile(modelFolder / "encoding" / "encoding_dsv4.py", kMaxFileBytes);
    if (source)
        return readChatConstants(*source);
    ChatConstants constants;
    constants.missingReason = source.error().code() == ErrorCode::NotFound
                                  ? "the checkpoint has no encoding/encoding_dsv4.py, which brings the sentences"
                                  : source.error().what();
    return constants;
}

} // namespace bathy::tokenizer
