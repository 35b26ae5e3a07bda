#include "engine/checkpoint/tensor_directory.h"

namespace bathy::checkpoint {

std::string quotedName(std::string_view name) {
    constexpr std::size_t kShown = 160;
    std::string text = "\"";
    for (const char c : name.substr(0, kShown))
        text.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
    return text + (name.size() > kShown ? "…\"" : "\"");
}

} // namespace bathy::checkpoint
