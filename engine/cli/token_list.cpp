#include "engine/cli/token_list.h"

#include "engine/base/text_file.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace bathy::cli {
namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20;
constexpr auto kLargestId = std::numeric_limits<std::int32_t>::max();

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Error badFile(const std::filesystem::path& path, const std::string& what) {
    return {ErrorCode::BadFile, path.string() + ": " + what, "give a JSON array of token ids, like [1, 2, 3]"};
}

} // namespace

Result<std::vector<TokenId>> parseTokenList(std::string_view text) {
    std::vector<TokenId> tokens;
    while (true) {
        const auto comma = text.find(',');
        const auto item = trimmed(text.substr(0, comma));
        std::int32_t id = 0;
        const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), id);
        if (error != std::errc{} || end != item.data() + item.size() || id < 0)
            return Error(ErrorCode::BadArgument, "'" + std::string(item) + "' is no token id",
                         "give ids with commas between them, like 1,2,3");
        tokens.push_back(TokenId{id});
        if (comma == std::string_view::npos)
            return tokens;
        text.remove_prefix(comma + 1);
    }
}

Result<std::vector<TokenId>> readTokenFile(const std::filesystem::path& path) {
    BATHY_TRY(const auto text, readTextFile(path, kLargestFile));
    auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded())
        return badFile(path, "is not JSON");
    if (json.is_object())
        json = json.contains("tokens") ? json["tokens"] : json.value("ids", nlohmann::json());
    if (!json.is_array())
        return badFile(path, "holds no array of token ids");
    std::vector<TokenId> tokens;
    for (const auto& item : json) {
        if (!item.is_number_integer() || item < 0 || item > kLargestId)
            return badFile(path, "element " + std::to_string(tokens.size()) + " is no token id");
        tokens.push_back(TokenId{item.get<std::int32_t>()});
    }
    return tokens;
}

} // namespace bathy::cli
