#include "matrix.h"

#if defined(__AVX512F__) && !defined(FULL_PRECISION)
#if defined(__AMX_BF16__)
#define WITH_TILES 1
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__AVX512BF16__)
#define WITH_DOTS 1
#endif
#endif
#if defined(WITH_TILES) || defined(WITH_DOTS)
#define WITH_LANES 1
#include <immintrin.h>
#endif

namespace step {
#ifdef WITH_LANES
namespace {
inline void transpose16(__m512i (&r)[16]) { // 16 x 16 of 32 bits
    __m512i t[16];
    for (int i = 0; i < 8; ++i) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; ++i) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    for (int j = 0; j < 4; ++j) {
        const __m512i a = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x88),
                      b = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x88);
        const __m512i c = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xdd),
                      d = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xdd);
        t[j] = _mm512_shuffle_i32x4(a, b, 0x88);
        t[8 + j] = _mm512_shuffle_i32x4(a, b, 0xdd);
        t[4 + j] = _mm512_shuffle_i32x4(c, d, 0x88);
        t[12 + j] = _mm512_shuffle_i32x4(c, d, 0xdd);
    }
    for (int i = 0; i < 16; ++i)
        r[i] = t[i];
}

// 16 pairs of rows, 16 columns: 32-bit units of the two.
inline void interleave(const half* x, int64_t ld, __m512i (&r)[16]) {
    for (int p = 0; p < 16; ++p) {
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + 2 * p * ld));
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + (2 * p + 1) * ld));
        r[p] = _mm512_or_si512(_mm512_cvtepu16_epi32(low), _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
    }
}
} // namespace

void packRows(const half* w, int64_t ld, int N, int K, half* out, int stride) {
    for (int k = 0; k < K / 32; ++k)
        for (int n = 0; n < N / 16; ++n) {
            __m512i r[16];
            for (int i = 0; i < 16; ++i)
                r[i] = _mm512_loadu_si512(w + (16 * n + i) * ld + 32 * k);
            transpose16(r);
            for (int i = 0; i < 16; ++i)
                _mm512_storeu_si512(out + (int64_t(k) * stride + n) * TILE + 32 * i, r[i]);
        }
}

void packColumns(const half* w, int64_t ld, int K, int N, half* out, int stride) {
    for (int k = 0; k < K / 32; ++k)
        for (int n = 0; n < N / 16; ++n) {
            __m512i r[16];
            interleave(w + 32 * k * ld + 16 * n, ld, r);
            for (int i = 0; i < 16; ++i)
                _mm512_storeu_si512(out + (int64_t(k) * stride + n) * TILE + 32 * i, r[i]);
        }
}

void transposed(const half* x, int64_t ld, int M, int N, half* out, int64_t ldo) {
    for (int m = 0; m < M; m += 32)
        for (int n = 0; n < N; n += 16) {
            __m512i r[16];
            interleave(x + m * ld + n, ld, r);
            transpose16(r);
            for (int i = 0; i < 16; ++i)
                _mm512_storeu_si512(out + (n + i) * ldo + m, r[i]);
        }
}

void addTransposed(const float* c, int64_t ldc, int M, int N, float* y, int64_t ldy) {
    for (int m = 0; m < M; m += 16)
        for (int n = 0; n < N; n += 16) {
            __m512i r[16];
            for (int i = 0; i < 16; ++i)
                r[i] = _mm512_loadu_si512(c + (m + i) * ldc + n);
            transpose16(r);
            for (int i = 0; i < 16; ++i) {
                float* to = y + (n + i) * ldy + m;
                _mm512_storeu_ps(to, _mm512_add_ps(_mm512_loadu_ps(to), _mm512_castsi512_ps(r[i])));
            }
        }
}

#endif

#ifdef WITH_TILES
namespace {
// 32 x 32 of the product, or half of it where `tall` or `wide` are not.
template <bool tall, bool wide>
inline void block(const half* left, int64_t lda, const half* right, int64_t next, float* c, int64_t ldc, int K,
                  bool add) {
    const int64_t fromA = lda * 2, fromC = ldc * 4;
    float* c1 = c + 16 * ldc;
    if (add) {
        _tile_loadd(0, c, fromC);
        if constexpr (wide)
            _tile_loadd(1, c + 16, fromC);
        if constexpr (tall)
            _tile_loadd(2, c1, fromC);
        if constexpr (tall && wide)
            _tile_loadd(3, c1 + 16, fromC);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int k = 0; k < K; k += 32, left += 32, right += next) {
        _tile_loadd(4, left, fromA);
        _tile_loadd(6, right, 64);
        if constexpr (wide)
            _tile_loadd(7, right + TILE, 64);
        _tile_dpbf16ps(0, 4, 6);
        if constexpr (tall)
            _tile_loadd(5, left + 16 * lda, fromA);
        if constexpr (wide)
            _tile_dpbf16ps(1, 4, 7);
        if constexpr (tall)
            _tile_dpbf16ps(2, 5, 6);
        if constexpr (tall && wide)
            _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, c, fromC);
    if constexpr (wide)
        _tile_stored(1, c + 16, fromC);
    if constexpr (tall)
        _tile_stored(2, c1, fromC);
    if constexpr (tall && wide)
        _tile_stored(3, c1 + 16, fromC);
}
} // namespace

void product(const half* a, int64_t lda, const half* b, int stride, float* c, int64_t ldc, int M, int N, int K,
             bool add) {
    constexpr int CACHED = 16 * 1024; // halves of b that stay near while the rows of a pass by
    const int64_t next = int64_t(stride) * TILE;
    const int columns = CACHED / K / 32 * 32 > 32 ? CACHED / K / 32 * 32 : 32;
    for (int from = 0; from < N; from += columns) {
        const int to = from + columns < N ? from + columns : N;
        for (int m = 0; m < M; m += 32)
            for (int n = from; n < to; n += 32) {
                const half* right = b + int64_t(n / 16) * TILE;
                const half* left = a + m * lda;
                float* out = c + m * ldc + n;
                const bool tall = m + 16 < M, wide = n + 16 < N;
                if (tall && wide)
                    block<true, true>(left, lda, right, next, out, ldc, K, add);
                else if (tall)
                    block<true, false>(left, lda, right, next, out, ldc, K, add);
                else if (wide)
                    block<false, true>(left, lda, right, next, out, ldc, K, add);
                else
                    block<false, false>(left, lda, right, next, out, ldc, K, add);
            }
    }
}

void startTiles() {
    constexpr int REQUEST_PERMISSION = 0x1023, TILE_DATA = 18;
    if (syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) != 0)
        std::abort();
    // palette 1; eight tiles of 64 bytes a row and 16 rows. Static: the compiler does not know that all of it is read.
    alignas(64) static volatile uint8_t config[64] = {
        1,  0, 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 64, 0, 64, 0,  64, 0,  64, 0,  64, 0,
        64, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0,  0, 16, 16, 16, 16, 16, 16, 16, 16};
    _tile_loadconfig(const_cast<const uint8_t*>(config));
}
#elif defined(WITH_DOTS)
namespace {
// ROWS x 16 COLUMNS of the product: a pair of a against the 16 pairs of a packed row at a time.
template <int ROWS, int COLUMNS>
inline void block(const half* left, int64_t lda, const half* right, int64_t next, float* c, int64_t ldc, int K,
                  bool add) {
    __m512 sum[ROWS][COLUMNS];
    for (int i = 0; i < ROWS; ++i)
        for (int j = 0; j < COLUMNS; ++j)
            sum[i][j] = add ? _mm512_loadu_ps(c + i * ldc + 16 * j) : _mm512_setzero_ps();
    for (int k = 0; k < K; k += 32, left += 32, right += next)
        for (int p = 0; p < 16; ++p) {
            __m512bh column[COLUMNS];
            for (int j = 0; j < COLUMNS; ++j)
                column[j] = (__m512bh)_mm512_loadu_si512(right + j * TILE + 32 * p);
            for (int i = 0; i < ROWS; ++i) {
                int pair;
                std::memcpy(&pair, left + i * lda + 2 * p, 4);
                const __m512bh row = (__m512bh)_mm512_set1_epi32(pair);
                for (int j = 0; j < COLUMNS; ++j)
                    sum[i][j] = _mm512_dpbf16_ps(sum[i][j], row, column[j]);
            }
        }
    for (int i = 0; i < ROWS; ++i)
        for (int j = 0; j < COLUMNS; ++j)
            _mm512_storeu_ps(c + i * ldc + 16 * j, sum[i][j]);
}
} // namespace

void product(const half* a, int64_t lda, const half* b, int stride, float* c, int64_t ldc, int M, int N, int K,
             bool add) {
    constexpr int ROWS = 8;
    for (int n = 0; n < N; n += 48)
        for (int m = 0; m < M; m += ROWS) {
            const half* right = b + int64_t(n / 16) * TILE;
            const half* left = a + m * lda;
            float* out = c + m * ldc + n;
            const int64_t next = int64_t(stride) * TILE;
            if (n + 32 < N)
                block<ROWS, 3>(left, lda, right, next, out, ldc, K, add);
            else if (n + 16 < N)
                block<ROWS, 2>(left, lda, right, next, out, ldc, K, add);
            else
                block<ROWS, 1>(left, lda, right, next, out, ldc, K, add);
        }
}

void startTiles() {}
#endif

#ifndef WITH_LANES
void packRows(const half* w, int64_t ld, int N, int K, half* out, int stride) {
    for (int k = 0; k < K; ++k)
        for (int n = 0; n < N; ++n)
            out[(int64_t(k / 32) * stride + n / 16) * TILE + (k % 32 / 2 * 16 + n % 16) * 2 + k % 2] = w[n * ld + k];
}

void packColumns(const half* w, int64_t ld, int K, int N, half* out, int stride) {
    for (int k = 0; k < K; ++k)
        for (int n = 0; n < N; ++n)
            out[(int64_t(k / 32) * stride + n / 16) * TILE + (k % 32 / 2 * 16 + n % 16) * 2 + k % 2] = w[k * ld + n];
}

void transposed(const half* x, int64_t ld, int M, int N, half* out, int64_t ldo) {
    for (int m = 0; m < M; ++m)
        for (int n = 0; n < N; ++n)
            out[n * ldo + m] = x[m * ld + n];
}

void addTransposed(const float* c, int64_t ldc, int M, int N, float* y, int64_t ldy) {
    for (int m = 0; m < M; ++m)
        for (int n = 0; n < N; ++n)
            y[n * ldy + m] += c[m * ldc + n];
}

void product(const half* a, int64_t lda, const half* b, int stride, float* c, int64_t ldc, int M, int N, int K,
             bool add) {
    for (int m = 0; m < M; ++m)
        for (int n = 0; n < N; n += 16) {
            float sum[16] = {};
            for (int k = 0; k < K; k += 32) {
                const half* tile = b + (int64_t(k / 32) * stride + n / 16) * TILE;
                for (int p = 0; p < 16; ++p)
                    for (int i = 0; i < 16; ++i)
                        sum[i] += widen(a[m * lda + k + 2 * p]) * widen(tile[(p * 16 + i) * 2]) +
                                  widen(a[m * lda + k + 2 * p + 1]) * widen(tile[(p * 16 + i) * 2 + 1]);
            }
            for (int i = 0; i < 16; ++i)
                c[m * ldc + n + i] = (add ? c[m * ldc + n + i] : 0.0f) + sum[i];
        }
}

void startTiles() {}
#endif

void weightGradientPacked(Arena& arena, const half* dyt, int64_t ldt, const half* packed, float* dw, int M, int N,
                          int K) {
    if (N % 16 == 0) {
        product(dyt, ldt, packed, K / 16, dw, K, N, K, M, true);
        return;
    }
    Scratch scratch(arena);
    const int room = (N + 15) / 16 * 16;
    float* sum = arena.take<float>(int64_t(room) * K);
    product(dyt, ldt, packed, K / 16, sum, K, room, K, M);
    for (int64_t i = 0; i < int64_t(N) * K; ++i)
        dw[i] += sum[i];
}

void weightGradient(Arena& arena, const half* dy, int64_t ldy, const half* x, int64_t ldx, float* dw, int M, int N,
                    int K) {
    Scratch scratch(arena);
    const int room = (N + 15) / 16 * 16;
    half* dyt = arena.take<half>(int64_t(room) * M);
    half* packed = arena.take<half>(packedSize(M, K));
    transposed(dy, ldy, M, room, dyt, M);
    packColumns(x, ldx, M, K, packed, K / 16);
    weightGradientPacked(arena, dyt, M, packed, dw, M, N, K);
}

void pack(Arena& kept, Arena& scratch, std::initializer_list<Rows> pieces, int inputs, Weight& out) {
    int rows = 0;
    for (const auto& piece : pieces)
        rows += piece.count;
    out.rows = (rows + 31) / 32 * 32, out.inputs = inputs;
    if (!out.forward) {
        out.forward = kept.take<half>(packedSize(inputs, out.rows));
        out.backward = kept.take<half>(packedSize(out.rows, inputs));
    }
    Scratch scope(scratch);
    half* all = scratch.zeros<half>(int64_t(out.rows) * inputs);
    half* at = all;
    for (const auto& piece : pieces) {
        narrowed(piece.w, at, int64_t(piece.count) * inputs);
        at += int64_t(piece.count) * inputs;
    }
    packRows(all, inputs, out.rows, inputs, out.forward, out.rows / 16);
    packColumns(all, inputs, out.rows, inputs, out.backward, inputs / 16);
}
} // namespace step
