#include "engine/cli/model_argument.h"

#include <CLI/CLI.hpp>

namespace bathy::cli {

void addModelArgument(CLI::App& command, std::string& model) {
    command
        .add_option(
            "MODEL", model,
            "A checkpoint folder, a .safetensors or .gguf file (any shard of a set), a model of the library (org/name, "
            "org/name:Q4_K_M, name@q4_k_m, name:tag), or bundled")
        ->required();
}

api::ModelOptions modelOptions(const std::string& model, const GlobalOptions& options) {
    api::ModelOptions what{model, options.device, options.threads};
    if (options.reserveBytes)
        what.reserveBytes = static_cast<std::int64_t>(*options.reserveBytes);
    what.force = options.force;
    return what;
}

} // namespace bathy::cli
