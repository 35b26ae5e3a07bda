// Tables of the block formats of GGUF (spec of the formats, section 14), as data only, so that files compiled for any
// processor may share them.
#pragma once

#include <cstdint>

namespace bathy::kernels {

// Values of IQ4_NL and IQ4_XS by their four bits.
inline constexpr std::int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};
// Twice the values of e2m1, which makes them whole numbers; used by MXFP4 and NVFP4 with half the scale.
inline constexpr std::int8_t kTwiceE2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// 256 entries of eight unsigned bytes each, the first in the lowest byte.
extern const std::uint64_t* const kIq2XxsGrid;

} // namespace bathy::kernels
