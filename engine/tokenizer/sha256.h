// SHA-256 (FIPS 180-4) of a text, as lower-case hexadecimal. For recognising published constants, not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace bathy::tokenizer {

std::string sha256Hex(std::string_view text);

} // namespace bathy::tokenizer
