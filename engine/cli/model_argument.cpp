#include "engine/cli/model_argument.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {

void addModelArgument(CLI::App& command, std::string& model) {
    command
        .add_option(
            "MODEL", model,
            "A checkpoint folder, a .safetensors file (any shard of a set), org/name of the Hugging Face cache, "
            "or bundled")
        ->required();
}

} // namespace bathy::cli
