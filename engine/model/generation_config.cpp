#include "engine/model/generation_config.h"

#include "engine/base/text_file.h"
#include "engine/model/token_ids.h"

#include <algorithm>

namespace bathy::model {
namespace {

constexpr std::uint64_t kMostBytes = 1U << 20U;

} // namespace

Result<void> addGenerationEndTokens(const checkpoint::Checkpoint& checkpoint, std::int64_t vocabSize,
                                    std::vector<TokenId>& tokens) {
    if (checkpoint.metadata())
        return {};
    const auto text = readTextFile(checkpoint.folder() / "generation_config.json", kMostBytes);
    if (!text && text.error().code() == ErrorCode::NotFound)
        return {};
    BATHY_CHECK(text);
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (json.is_discarded() || !json.is_object())
        return Error(ErrorCode::BadFile, "generation_config.json: is not a JSON object");
    auto ids = readTokenIds(ConfigReader(json, "", "generation_config.json"), "eos_token_id", vocabSize);
    BATHY_CHECK(ids);
    for (const auto id : *ids)
        if (std::find(tokens.begin(), tokens.end(), id) == tokens.end())
            tokens.push_back(id);
    return {};
}

} // namespace bathy::model
