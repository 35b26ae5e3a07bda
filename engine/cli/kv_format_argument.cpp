#include "engine/cli/kv_format_argument.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace bathy::cli {

void addKvFormatArgument(CLI::App& command, std::string& word) {
    command.add_option("--kv", word, "How cached rows are stored")
        ->check(CLI::IsMember(std::vector<std::string>(kKvFormatNames.begin(), kKvFormatNames.end())))
        ->capture_default_str();
}

KvFormat kvFormatOf(const std::string& word) {
    return static_cast<KvFormat>(std::find(kKvFormatNames.begin(), kKvFormatNames.end(), word) -
                                 kKvFormatNames.begin());
}

std::string kvFormatName(KvFormat format) {
    return kKvFormatNames[static_cast<std::size_t>(format)];
}

} // namespace bathy::cli
