// The MODEL argument that most commands take.
#pragma once

#include "engine/api/options.h"
#include "engine/cli/io.h"

#include <string>

namespace CLI {
class App;
}

namespace bathy::cli {

// Adds the required positional MODEL; `model` must outlive the parse.
void addModelArgument(CLI::App& command, std::string& model);

// What the engine is asked to load: the model, and what every command takes.
api::ModelOptions modelOptions(const std::string& model, const GlobalOptions& options);

} // namespace bathy::cli
