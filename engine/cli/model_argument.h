// The MODEL argument that most commands take.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace bathy::cli {

// Adds the required positional MODEL; `model` must outlive the parse.
void addModelArgument(CLI::App& command, std::string& model);

} // namespace bathy::cli
