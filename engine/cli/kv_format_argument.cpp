#include "engine/cli/kv_format_argument.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace bathy::cli {
namespace {

constexpr std::array<const char*, 5> kWords{"auto", "f32", "bf16", "packed", "packed-fp8-index"}; // by KvFormat

} // namespace

void addKvFormatArgument(CLI::App& command, std::string& word) {
    command.add_option("--kv", word, "How cached rows are stored")
        ->check(CLI::IsMember(std::vector<std::string>(kWords.begin(), kWords.end())))
        ->capture_default_str();
}

KvFormat kvFormatOf(const std::string& word) {
    return static_cast<KvFormat>(std::find(kWords.begin(), kWords.end(), word) - kWords.begin());
}

std::string kvFormatName(KvFormat format) {
    return kWords[static_cast<std::size_t>(format)];
}

} // namespace bathy::cli
