// Names against patterns with * (any text) and ? (one byte). Linear in name times stars; never recursive.
#pragma once

#include <string_view>

namespace bathy::cli {

bool matchesGlob(std::string_view name, std::string_view pattern);

} // namespace bathy::cli
