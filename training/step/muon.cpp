// Muon's update of a stack of matrices: momentum, Nesterov, orthogonalised by five rounds of a Newton-Schulz iteration
// with bfloat16 products; as optim.py.
#include "matrix.h"

namespace step {
namespace {
constexpr int ROUNDS = 5;

// x [rows, columns], rows <= columns: its singular values are brought near one. Both multiples of 32.
void orthogonalise(Arena& arena, float* x, int rows, int columns) {
    Scratch scratch(arena);
    half* operand = arena.take<half>(int64_t(rows) * columns);
    half* packed = arena.take<half>(packedSize(rows, columns));
    float* square = arena.take<float>(int64_t(rows) * rows);
    float* fourth = arena.take<float>(int64_t(rows) * rows);
    half* mix = arena.take<half>(int64_t(rows) * rows);
    half* mix_packed = arena.take<half>(packedSize(rows, rows));
    float* turned = arena.take<float>(int64_t(rows) * columns);
    const int64_t size = int64_t(rows) * columns, small = int64_t(rows) * rows;
    for (int round = 0; round < ROUNDS; ++round) {
        narrowed(x, operand, size);
        packRows(operand, columns, rows, columns, packed, rows / 16);
        product(operand, columns, packed, rows / 16, square, rows, rows, rows, columns);
        narrowed(square, mix, small);
        packColumns(mix, rows, rows, rows, mix_packed, rows / 16);
        product(mix, rows, mix_packed, rows / 16, fourth, rows, rows, rows, rows);
        for (int64_t i = 0; i < small; ++i)
            mix[i] = narrow(-4.7750f * square[i] + 2.0315f * fourth[i]);
        packColumns(operand, columns, rows, columns, packed, columns / 16);
        product(mix, rows, packed, columns / 16, turned, columns, rows, columns, rows);
        for (int64_t i = 0; i < size; ++i)
            x[i] = 3.4445f * x[i] + turned[i];
    }
}

void update(Arena& arena, int rows, int columns, float* p, const float* g, float* buffer, float rate, float momentum,
            float decay) {
    Scratch scratch(arena);
    const int64_t size = int64_t(rows) * columns;
    const bool tall = rows > columns;
    float* u = arena.take<float>(size);
    float* x = tall ? arena.zeros<float>(size) : u;
    float sum = 0;
    for (int64_t i = 0; i < size; ++i) {
        buffer[i] = momentum * buffer[i] + g[i];
        u[i] = g[i] + momentum * buffer[i];
        sum += u[i] * u[i];
    }
    const float scale = 1.0f / (std::sqrt(sum) + 1e-7f);
    for (int64_t i = 0; i < size; ++i)
        u[i] *= scale;
    if (tall)
        addTransposed(u, columns, rows, columns, x, rows);
    orthogonalise(arena, x, tall ? columns : rows, tall ? rows : columns);
    if (tall) {
        std::memset(static_cast<void*>(u), 0, sizeof(float) * size_t(size));
        addTransposed(x, rows, columns, rows, u, columns);
    }
    const float step = rate * 0.18f * std::sqrt(float(tall ? rows : columns)), keep = 1 - rate * decay;
    for (int64_t i = 0; i < size; ++i)
        p[i] = p[i] * keep - step * u[i];
}
} // namespace

// p, g and buffer: [count, rows, columns].
extern "C" void muon_update(int64_t count, int32_t rows, int32_t columns, float* p, const float* g, float* buffer,
                            float rate, float momentum, float decay) {
    static Arena arena;
    startTiles();
    arena.reset();
    const int64_t size = int64_t(rows) * columns;
    for (int64_t i = 0; i < count; ++i)
        update(arena, rows, columns, p + i * size, g + i * size, buffer + i * size, rate, momentum, decay);
}
} // namespace step
