#include "engine/tokenizer/json_fields.h"

#include "engine/tokenizer/utf8.h"

namespace bathy::tokenizer {

Error badField(std::string_view field, std::string_view problem) {
    return Error(ErrorCode::BadFile, std::string(field) + " " + std::string(problem),
                 "fetch the file again, or report it to its publisher");
}

Error unsupported(std::string_view field, std::string_view value) {
    return Error(ErrorCode::Unsupported, std::string(field) + ": " + inQuotes(value) + " is not supported",
                 "this version reads byte-level BPE as the DeepSeek family uses it");
}

std::string inQuotes(std::string_view text) {
    constexpr std::size_t kShown = 40;
    std::string result = "\"";
    for (const char c : utf8Lossy(text.substr(0, kShown)))
        result.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
    return result + (text.size() > kShown ? "...\"" : "\"");
}

Result<bool> readFlag(const nlohmann::json& object, const char* name, std::string_view parent) {
    const auto it = object.find(name);
    if (it == object.end() || it->is_null())
        return false;
    if (!it->is_boolean())
        return badField(std::string(parent) + "." + name, "is neither true nor false");
    return it->get<bool>();
}

std::string stringOr(const nlohmann::json& object, const char* name, std::string_view otherwise) {
    const auto it = object.find(name);
    if (it == object.end() || it->is_null())
        return std::string(otherwise);
    return it->is_string() ? it->get<std::string>() : it->dump();
}

} // namespace bathy::tokenizer
