#include "engine/model/token_ids.h"

namespace bathy::model {

Result<std::vector<TokenId>> readTokenIds(const ConfigReader& reader, const char* key, std::int64_t vocabSize) {
    std::vector<TokenId> ids;
    if (!reader.has(key))
        return ids;
    const auto& value = reader.at(key);
    const auto list = value.is_array() ? value : nlohmann::json::array({value});
    if (list.size() > 64)
        return reader.bad(key, "lists more than 64 tokens");
    for (const auto& id : list) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() >= vocabSize)
            return reader.bad(key, "is no token of the vocabulary");
        ids.push_back(TokenId{id.get<std::int32_t>()});
    }
    return ids;
}

} // namespace bathy::model
