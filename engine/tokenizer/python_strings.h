// The string literals of a Python source file, without running it. Tolerant: what it does not understand it skips, so
// that any text gives some list. Pure function, time linear in the length.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bathy::tokenizer {

// Each literal with its escapes resolved. Literals with nothing but white space, comments or + between them are one, as
// Python joins them. Byte literals and the fields of f-strings are kept as they are written.
std::vector<std::string> pythonStrings(std::string_view source);

} // namespace bathy::tokenizer
