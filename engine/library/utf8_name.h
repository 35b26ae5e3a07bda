// Names from outside that are shown to people and sent as text. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace bathy::library {

// Well-formed UTF-8: no surrogates, nothing longer than needed.
bool isUtf8(std::string_view text);

// The text when it is short, printable UTF-8; else empty.
std::string plainName(std::string_view text);

std::string lowerCase(std::string_view text); // ASCII letters only
std::string upperCase(std::string_view text);

} // namespace bathy::library
