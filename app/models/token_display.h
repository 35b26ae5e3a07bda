// How the bytes of a token are shown: whitespace made visible, broken UTF-8 as hexadecimal. Pure.
#pragma once

#include <QString>

#include <string_view>

namespace bathy::models {

// " deep" → "·deep", "\n" → "⏎", one byte of a cut emoji → "‹F0›". Empty bytes give "∅".
QString visibleText(std::string_view bytes);
bool endsLine(std::string_view bytes);    // holds a line feed
QString hexBytes(std::string_view bytes); // "20 64 65"

} // namespace bathy::models
