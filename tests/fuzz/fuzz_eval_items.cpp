// Bytes from outside as a file of questions. Whatever is accepted can be asked and compared with.
#include "engine/evaluate/item.h"

#include <cstdlib>
#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bathy::evaluate;
    const auto items = parseItems({reinterpret_cast<const char*>(data), size}, "fuzz.jsonl");
    if (!items)
        return 0;
    std::set<std::string> ids;
    for (const auto& item : *items) {
        if (item.id.empty() || item.skill.empty() || item.domain.empty() || !ids.insert(item.id).second)
            std::abort();
        if (item.passkey) {
            if (item.passkey->length < kShortestPasskey || !(item.passkey->depth >= 0 && item.passkey->depth <= 1) ||
                item.passkey->decoys < 0 || item.passkey->decoys > kMostDecoys)
                std::abort();
            continue;
        }
        if (item.messages.empty() || item.messages.back().role != "user" || item.maxTokens < 1)
            std::abort();
        // The expected answer is right, as the answer of a model that says it.
        if (!canMatch(item.match, item.answer) || !matches(item.match, item.answer, item.answer))
            std::abort();
    }
    return 0;
}
