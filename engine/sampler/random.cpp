#include "engine/sampler/random.h"

namespace bathy::sampler {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t kMultiply0 = 0xD2511F53;
    constexpr std::uint64_t kMultiply1 = 0xCD9E8D57;
    constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
    constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = kMultiply0 * counter[0];
        const std::uint64_t b = kMultiply1 * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

double uniformAt(std::uint64_t seed, std::uint64_t counter) {
    const auto words =
        philox4x32({static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32U), 0, 0},
                   {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    const std::uint64_t bits = (static_cast<std::uint64_t>(words[0]) << 32U | words[1]) >> 11U;
    return static_cast<double>(bits) * 0x1p-53;
}

} // namespace bathy::sampler
