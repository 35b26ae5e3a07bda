// What this program was built from. Any thread.
#pragma once

#include <string_view>

namespace bathy {

// "2c273d98e0", "2c273d98e0-dirty" when files had been changed; empty when it was not built in a repository.
std::string_view buildCommit();

} // namespace bathy
