// Entries of the compressed caches: a softmax over the tokens of a window in each channel, a norm, a rotation by the
// window's first position. Ratio 4 reads the window before as well, through the first half of the channels.
#pragma once
#include "run.h"

namespace step {
struct Compressor {
    int ratio, width;
    const float *ape, *norm; // [ratio, span], [width]
    int span() const { return ratio == 4 ? 2 * width : width; }
    int members() const { return ratio == 4 ? 8 : ratio; }
};
struct Entries {
    int count = 0, room = 0;                     // in a row; room: padded to 32
    float *pooled = nullptr, *inverse = nullptr; // [rows, count, width], [rows, count]
    half* values = nullptr;                      // [rows, room, width], the padding zero
};

// value and gate are columns of [T, ld].
Entries compress(const Run& run, const Compressor& c, const float* value, const float* gate, int64_t ld);
// dentries [rows, room, width]; it is overwritten. dvalue and dgate are columns of [T, ldd].
void compressBack(const Run& run, const Compressor& c, const Entries& e, const float* value, const float* gate,
                  int64_t ld, float* dentries, half* dvalue, half* dgate, int64_t ldd, float* dape, float* dnorm);
} // namespace step
