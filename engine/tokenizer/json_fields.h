// Small readers of JSON fields for tokenizer.json, and the errors they give.
#pragma once

#include "engine/base/result.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bathy::tokenizer {

Error badField(std::string_view field, std::string_view problem);
// "pre_tokenizer.type Whitespace is not supported".
Error unsupported(std::string_view field, std::string_view value);
// In quotation marks, cut after 40 bytes, safe to print.
std::string inQuotes(std::string_view text);

// False when the field is missing or null. Errors: BadFile when it is no truth value.
Result<bool> readFlag(const nlohmann::json& object, const char* name, std::string_view parent);
std::string stringOr(const nlohmann::json& object, const char* name, std::string_view otherwise);

} // namespace bathy::tokenizer
