// From what a user calls a model to a path: a folder or file as it stands, "bundled", or "org/name" in the Hugging Face
// cache. Reads the environment (HF_HUB_CACHE, HF_HOME, HOME) when called; call it at start-up or on a user's request.
#pragma once

#include "engine/base/result.h"

#include <filesystem>
#include <string_view>

namespace bathy::checkpoint {

// Errors: NotFound, with a hint that says where was looked.
Result<std::filesystem::path> locateModel(std::string_view model);

// The checkpoint that ships with the program: beside the installed program (../share/bathyscope/checkpoints), else in
// the source tree it was built from (resources/checkpoints). Errors: NotFound.
Result<std::filesystem::path> locateBundled();

// Folder of the running program; empty where the system does not say.
std::filesystem::path programFolder();

} // namespace bathy::checkpoint
