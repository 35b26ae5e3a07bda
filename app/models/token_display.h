// How the bytes of a token are shown: whitespace made visible, broken UTF-8 as hexadecimal. Pure.
#pragma once

#include <QString>

#include <string_view>

namespace bathy::models {

// " deep" → "·deep", "\n" → "⏎", one byte of a cut emoji → "‹F0›", the wide bars of special tokens → "|", which every
// font has. Empty bytes give "∅".
QString visibleText(std::string_view bytes);
// What a special token of the DeepSeek vocabularies is called, "begin of sentence" for <｜begin▁of▁sentence｜>; empty
// for all other tokens.
QString specialName(std::string_view bytes);
bool endsLine(std::string_view bytes);    // holds a line feed
QString hexBytes(std::string_view bytes); // "20 64 65"

} // namespace bathy::models
