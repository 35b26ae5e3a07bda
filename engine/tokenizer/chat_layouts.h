// How conversations are written for models that bring no chat template: the same kind of template, one for each format.
// Specification of the formats, section 16.1, without tools.
#pragma once

#include "engine/tokenizer/tokenizer.h"

#include <string_view>

namespace bathy::tokenizer {

struct ChatLayout {
    std::string_view name;
    std::string_view source; // Jinja
};

// By the markers that the tokenizer has; `modelType` of config.json where it says more, may be empty. nullptr: none of
// the formats known here.
const ChatLayout* chatLayoutFor(const Tokenizer& tokenizer, std::string_view modelType);
// nullptr: there is none of this name.
const ChatLayout* chatLayout(std::string_view name);

} // namespace bathy::tokenizer
