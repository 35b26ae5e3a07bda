// Experts named on the command line. Pure functions over text from outside.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bathy::cli {

// Adds --ban-expert, which may be given more than once; `words` must outlive the parse.
void addBanArgument(CLI::App& command, std::vector<std::string>& words);

// "3:17" is expert 17 of layer 3. Errors: BadArgument; whether the model has it is not known here.
Result<std::vector<ExpertRef>> parseExperts(std::span<const std::string> words);

} // namespace bathy::cli
