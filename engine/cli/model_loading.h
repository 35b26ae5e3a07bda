// Loads a model into this process with a progress bar, for commands that look inside the forward pass. Main thread.
#pragma once

#include "engine/cli/io.h"
#include "engine/runtime/loaded_model.h"

#include <string>

namespace bathy::cli {

// Errors: those of runtime::loadModelFromDisk; Cancelled after Ctrl-C.
Result<runtime::LoadedModel> loadWithProgress(const Io& io, const std::string& model);

} // namespace bathy::cli
