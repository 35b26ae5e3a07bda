// Reference decoders of the block formats of GGUF, one block at a time, exactly: products are taken in float32 in the
// order (d * scale) * q - dmin * min. Byte layouts: spec of the formats, section 14; sizes: dtypeBlock(). Pure, any
// thread. "Halves": the low nibbles of 16 bytes are elements 0..15 of a block of 32, the high ones 16..31.
#pragma once

#include "engine/base/dtype.h"

#include <cstddef>
#include <cstdint>

namespace bathy::kernels {

// One block to dtypeBlock(dtype).elements floats. `dtype` must be a block type. The block may lie unaligned.
void decodeBlock(DType dtype, const std::byte* block, float* out);

// Elements [begin, end) of a row of blocks; the range may begin and end inside a block.
void decodeBlocks(DType dtype, const std::byte* row, std::int64_t begin, std::int64_t end, float* out);

// Scale byte of NVFP4: e4m3 with bias 7 whose sign is ignored. 0x7F stands for 0 and, oddly, 0xFF for 480, as in the
// published decoder.
float ue4m3ToFloat(std::uint8_t bits);

} // namespace bathy::kernels
