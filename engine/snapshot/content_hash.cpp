#define XXH_INLINE_ALL
#include "engine/snapshot/content_hash.h"

#include <memory>

#include <xxhash.h>

namespace bathy::snapshot {

ContentHash hashOf(std::span<const std::byte> bytes) {
    return hashOf(std::span(&bytes, 1));
}

ContentHash hashOf(std::span<const std::span<const std::byte>> parts) {
    const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
    XXH3_128bits_reset(state.get());
    for (const auto part : parts)
        XXH3_128bits_update(state.get(), part.data(), part.size());
    XXH128_canonical_t canonical{};
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
    return std::to_array(canonical.digest);
}

std::string hexOf(const ContentHash& hash) {
    constexpr auto* kDigits = "0123456789abcdef";
    std::string text;
    for (const auto byte : hash) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

} // namespace bathy::snapshot
