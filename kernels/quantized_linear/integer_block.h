// A GGUF block taken apart into whole numbers, for the reference of quantized_linear.h.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

struct IntegerBlock {
    int elements = 32;
    std::int16_t code[256] = {};
    std::int16_t scale[16] = {}; // of each sixteen elements; 1 for the types of 32
    std::int16_t min[16] = {};   // what the sums of activations are multiplied by; scale for codes with an offset
    int offset = 0;              // taken off every code
    bool hasMinimum = false;
    float d[4] = {};   // of each sixteen (NVFP4) or the same for the whole block
    float minimum = 0; // dmin with its sign turned; m of Q4_1 and Q5_1
};

IntegerBlock readIntegerBlock(DType dtype, const std::byte* block);

} // namespace bathy::kernels
