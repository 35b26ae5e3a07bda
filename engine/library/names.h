// What a person calls a model, matched against the library. Pure functions. Understood, letters in either case:
// "org/name", "org/name:Q4_K_M", "name", "name@q4_k_m", "name:tag", and pasted addresses of huggingface.co.
#pragma once

#include "engine/base/result.h"
#include "engine/library/entry.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::library {

struct ModelName {
    std::string name;    // "org/name" or "name"
    std::string variant; // after ':' or '@': a quantisation or a tag; empty when not given
};
ModelName parseModelName(std::string_view text);

// All entries that the name can mean, in their order.
std::vector<const Entry*> findModels(std::span<const Entry> entries, const ModelName& name);

// The one entry that is meant. Of equal copies the first; of several tags of one name "latest", as Ollama has it.
// Errors: NotFound; BadArgument that lists the candidates when there are several.
Result<const Entry*> resolveName(std::span<const Entry> entries, std::string_view text);

// For search boxes: every word of `query` occurs in the name, family, quantisation or owner, or the query is a name as
// above that means this entry. An empty query matches all.
bool matchesSearch(const Entry& entry, std::string_view query);

} // namespace bathy::library
