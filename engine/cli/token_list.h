// Token ids given on the command line or in a file. Pure functions over text from outside.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace bathy::cli {

// "1,2,3"; blanks are allowed. Errors: BadArgument.
Result<std::vector<TokenId>> parseTokenList(std::string_view text);

// A JSON array of ids, or an object with such an array under "tokens" or "ids". Errors: those of reading a text file;
// BadFile.
Result<std::vector<TokenId>> readTokenFile(const std::filesystem::path& path);

} // namespace bathy::cli
