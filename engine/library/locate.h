// From what a user calls a model to a path: "bundled", a folder or file as it stands, or a name known to the library
// (names.h). Reads the environment when called; call it at start-up or on a user's request. Any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/library/places.h"

#include <filesystem>
#include <string_view>

namespace bathy::library {

// Looking a name up takes a look at the library, whose facts are kept in cacheFolder().
// Errors: NotFound, with a hint that says where was looked; BadArgument that lists the candidates of a name that means
// several models.
Result<std::filesystem::path> locateModel(std::string_view model,
                                          const Environment& environment = processEnvironment());

// The checkpoint that ships with the program: beside the installed program (../share/bathyscope/checkpoints), else in
// the source tree it was built from (resources/checkpoints). Errors: NotFound.
Result<std::filesystem::path> locateBundled();

// Where the facts of the library are kept between runs.
std::filesystem::path factsFile(const Environment& environment);

// Folder of the running program; empty where the system does not say.
std::filesystem::path programFolder();

} // namespace bathy::library
