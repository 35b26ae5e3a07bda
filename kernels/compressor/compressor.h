// Pooling of one compressed entry (spec 2.6). u, z: row pointers as in ops::poolEntries. Reference: double
// accumulation.
#pragma once

#include <cstdint>

namespace bathy::kernels {

struct PoolShape {
    std::int64_t ratio = 0; // r
    std::int64_t width = 0; // h
    bool overlap = false;
    [[gnu::always_inline]] std::int64_t rowsPerEntry() const { return overlap ? 2 * ratio : ratio; }
};

void poolEntryReference(const PoolShape& shape, const float* const* u, const float* const* z, float* out);
void poolEntryAvx2(const PoolShape& shape, const float* const* u, const float* const* z, float* out);
void poolEntryAvx512(const PoolShape& shape, const float* const* u, const float* const* z, float* out);

} // namespace bathy::kernels
