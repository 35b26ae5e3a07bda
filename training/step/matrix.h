// Matrix products of halves with float32 sums: on the tile unit of the processor where there is one (AMX), else on its
// bfloat16 dot products (AVX-512), else in plain loops. The right operand is packed first. Row counts are multiples of
// 16, inner counts of 32.
#pragma once
#include "half.h"

namespace step {
// A packed operand B [K, N]: tiles of 32 x 16, [K / 32][stride][16 pairs of k][16 columns][2]; stride >= N / 16.
constexpr int TILE = 512;
constexpr int64_t packedSize(int64_t K, int64_t N) {
    return K / 32 * (N / 16) * TILE;
}

// B[k][n] = w[n * ld + k]: for x times w transposed, w [N, K].
void packRows(const half* w, int64_t ld, int N, int K, half* out, int stride);
// B[k][n] = w[k * ld + n].
void packColumns(const half* w, int64_t ld, int K, int N, half* out, int stride);
// out[n * ldo + m] = x[m * ld + n], m < M (multiple of 32), n < N (multiple of 16).
void transposed(const half* x, int64_t ld, int M, int N, half* out, int64_t ldo);
// y[n * ldy + m] += c[m * ldc + n]; both counts multiples of 16.
void addTransposed(const float* c, int64_t ldc, int M, int N, float* y, int64_t ldy);

// c [M, N] = (add ? c : 0) + a [M, K] times B.
void product(const half* a, int64_t lda, const half* b, int stride, float* c, int64_t ldc, int M, int N, int K,
             bool add = false);

// dw [N, K] += dy [M, N] transposed times x [M, K]; M a multiple of 32. Any N: rows of dy are padded to 16 with room.
void weightGradient(Arena& arena, const half* dy, int64_t ldy, const half* x, int64_t ldx, float* dw, int M, int N,
                    int K);
// The same for an x that is packed already (packColumns), and a dy transposed already ([N, M]).
void weightGradientPacked(Arena& arena, const half* dyt, int64_t ldt, const half* packed, float* dw, int M, int N,
                          int K);

// A weight in both packed forms.
struct Weight {
    half* forward = nullptr;  // for x times w transposed
    half* backward = nullptr; // for dy times w
    int rows = 0, inputs = 0; // rows padded to 32
    void apply(const half* x, int64_t ldx, float* y, int64_t ldy, int M, bool add = false) const {
        product(x, ldx, forward, rows / 16, y, ldy, M, rows, inputs, add);
    }
    void applyBack(const half* dy, int64_t ldy, float* dx, int64_t ldx, int M, bool add = false) const {
        product(dy, ldy, backward, inputs / 16, dx, ldx, M, inputs, rows, add);
    }
};

// Packs rows of float32 weights, given as several pieces that share their inputs.
struct Rows {
    const float* w;
    int count;
};
void pack(Arena& kept, Arena& scratch, std::initializer_list<Rows> pieces, int inputs, Weight& out);

void startTiles();
} // namespace step
