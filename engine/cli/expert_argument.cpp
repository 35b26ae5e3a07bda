#include "engine/cli/expert_argument.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <optional>
#include <string_view>

namespace bathy::cli {
namespace {

std::optional<std::int32_t> parseIndex(std::string_view text) {
    std::int32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value < 0)
        return std::nullopt;
    return value;
}

} // namespace

void addBanArgument(CLI::App& command, std::vector<std::string>& words) {
    command
        .add_option("--ban-expert", words,
                    "LAYER:EXPERT, numbered from 0: an expert that no token is sent to; may be "
                    "given more than once")
        ->allow_extra_args(false);
}

Result<std::vector<ExpertRef>> parseExperts(std::span<const std::string> words) {
    std::vector<ExpertRef> experts;
    for (const std::string_view word : words) {
        const auto colon = word.find(':');
        const auto layer = parseIndex(word.substr(0, colon));
        const auto expert = colon == std::string_view::npos ? std::nullopt : parseIndex(word.substr(colon + 1));
        if (!layer || !expert)
            return Error(ErrorCode::BadArgument, "'" + std::string(word) + "' names no expert",
                         "give its layer and its number, like 3:17");
        experts.push_back({LayerId{*layer}, ExpertId{*expert}});
    }
    return experts;
}

} // namespace bathy::cli
