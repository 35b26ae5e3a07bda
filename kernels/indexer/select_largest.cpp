#include "kernels/indexer/indexer.h"

#include <bit>

namespace bathy::kernels {

namespace {

// Unsigned integers in the order of the floats; NaN as minus infinity, both zeros alike.
std::uint32_t orderedKey(float value) {
    if (value != value)
        return 0x007fffffu;
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0f);
    return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

} // namespace

// Radix selection: three passes of a histogram narrow down the key of the k-th largest score.
std::int64_t selectLargest(const float* scores, std::int64_t count, std::int64_t k, std::int32_t* picks) {
    if (k >= count) {
        for (std::int64_t s = 0; s < count; ++s)
            picks[s] = static_cast<std::int32_t>(s);
        return count;
    }
    if (k <= 0)
        return 0;
    constexpr int kShifts[3] = {21, 10, 0};
    constexpr int kBits[3] = {11, 11, 10};
    std::uint32_t prefix = 0;
    std::uint32_t prefixMask = 0;
    std::int64_t wanted = k; // how many of those that share the prefix are still to be taken
    for (int pass = 0; pass < 3; ++pass) {
        const auto digitMask = (1u << kBits[pass]) - 1;
        std::int64_t histogram[2048] = {};
        for (std::int64_t s = 0; s < count; ++s) {
            const auto key = orderedKey(scores[s]);
            if ((key & prefixMask) == prefix)
                ++histogram[(key >> kShifts[pass]) & digitMask];
        }
        auto digit = digitMask;
        while (histogram[digit] < wanted)
            wanted -= histogram[digit--];
        prefix |= digit << kShifts[pass];
        prefixMask |= digitMask << kShifts[pass];
    }
    std::int64_t written = 0;
    for (std::int64_t s = 0; s < count && written < k; ++s) {
        const auto key = orderedKey(scores[s]);
        if (key > prefix || (key == prefix && wanted-- > 0))
            picks[written++] = static_cast<std::int32_t>(s);
    }
    return written;
}

} // namespace bathy::kernels
