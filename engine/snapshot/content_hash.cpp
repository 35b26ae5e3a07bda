#define XXH_INLINE_ALL
#include "engine/snapshot/content_hash.h"

#include <xxhash.h>

namespace bathy::snapshot {

ContentHash hashOf(std::span<const std::byte> bytes) {
    return hashOf(std::span(&bytes, 1));
}

ContentHash hashOf(std::span<const std::span<const std::byte>> parts) {
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (const auto part : parts)
        XXH3_128bits_update(&state, part.data(), part.size());
    XXH128_canonical_t canonical{};
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
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
