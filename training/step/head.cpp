#include "head.h"

#include "norms.h"

#include <algorithm>

namespace step {
namespace {
constexpr int GROUP_ROWS = 32, BLOCK_ROWS = 256;

struct Collapse {
    float raw[STREAMS], pre[STREAMS], inverse, inner;
    float blend[DIM];
};

void collapse(const Table& t, const float* s, Collapse& c, float* x) {
    const float *fn = t.w(HC_HEAD_FN), *base = t.w(HC_HEAD_BASE), scale = t.w(HC_HEAD_SCALE)[0];
    float sum = 0, raw[STREAMS] = {};
    for (int i = 0; i < WIDE; ++i) {
        sum += s[i] * s[i];
        for (int n = 0; n < STREAMS; ++n)
            raw[n] += s[i] * fn[n * WIDE + i];
    }
    c.inverse = 1.0f / std::sqrt(sum / WIDE + NORM_EPS);
    for (int n = 0; n < STREAMS; ++n) {
        c.raw[n] = raw[n];
        c.pre[n] = sigmoid(raw[n] * c.inverse * scale + base[n]) + HC_EPS;
    }
    for (int d = 0; d < DIM; ++d)
        c.blend[d] = c.pre[0] * s[d] + c.pre[1] * s[DIM + d] + c.pre[2] * s[2 * DIM + d] + c.pre[3] * s[3 * DIM + d];
    c.inner = normed(c.blend, t.w(OUT_NORM), DIM, x);
}

void collapseBack(const Table& t, const float* s, const Collapse& c, const float* dx, float* ds) {
    const float *fn = t.w(HC_HEAD_FN), scale = t.w(HC_HEAD_SCALE)[0];
    float* dfn = t.g(HC_HEAD_FN);
    float d[DIM];
    normedBack(c.blend, t.w(OUT_NORM), c.inner, DIM, dx, d, t.g(OUT_NORM));
    float dr = 0, draw[STREAMS];
    for (int n = 0; n < STREAMS; ++n) {
        float dot = 0;
        for (int i = 0; i < DIM; ++i)
            dot += d[i] * s[n * DIM + i];
        const float q = c.pre[n] - HC_EPS, z = dot * q * (1 - q);
        t.g(HC_HEAD_BASE)[n] += z;
        t.g(HC_HEAD_SCALE)[0] += z * c.raw[n] * c.inverse;
        draw[n] = z * c.inverse * scale;
        dr += z * c.raw[n] * scale;
    }
    const float pull = -dr * c.inverse * c.inverse * c.inverse / WIDE;
    for (int n = 0; n < STREAMS; ++n)
        for (int i = 0; i < DIM; ++i)
            ds[n * DIM + i] += c.pre[n] * d[i];
    for (int i = 0; i < WIDE; ++i) {
        ds[i] += draw[0] * fn[i] + draw[1] * fn[WIDE + i] + draw[2] * fn[2 * WIDE + i] + draw[3] * fn[3 * WIDE + i] +
                 pull * s[i];
        for (int n = 0; n < STREAMS; ++n)
            dfn[n * WIDE + i] += draw[n] * s[i];
    }
}

// Softmax of one row of logits; they become gradients. Returns the loss.
float crossEntropy(float* logits, int64_t target, float share, half* gradient, bool& right) {
    float top = logits[0];
    for (int i = 1; i < VOCAB; ++i)
        top = logits[i] > top ? logits[i] : top;
    const float own = logits[target];
    right = own >= top;
    float sum = 0;
    for (int i = 0; i < VOCAB; ++i)
        sum += logits[i] = quickExp(logits[i] - top);
    const float scale = share / sum;
    for (int i = 0; i < VOCAB; ++i)
        gradient[i] = narrow(logits[i] * scale);
    gradient[target] = narrow(logits[target] * scale - share);
    return std::log(sum) + top - own;
}
} // namespace

HeadFigures headLoss(Arena& arena, const Table& table, const Weight& head, float* dhead, const float* streams,
                     const Counted& counted, float share, float* dstreams) {
    HeadFigures figures;
    if (counted.count == 0)
        return figures;
    Scratch scratch(arena);
    auto collapsed = arena.take<Collapse>(BLOCK_ROWS);
    half* x = arena.take<half>(int64_t(BLOCK_ROWS) * DIM);
    half* columns = arena.take<half>(int64_t(DIM) * BLOCK_ROWS);
    float* logits = arena.take<float>(int64_t(GROUP_ROWS) * VOCAB);
    half* gradient = arena.take<half>(int64_t(BLOCK_ROWS) * VOCAB);
    half* packed = arena.take<half>(packedSize(BLOCK_ROWS, VOCAB));
    float* dx = arena.take<float>(int64_t(BLOCK_ROWS) * DIM);
    float* sums = arena.take<float>(int64_t(DIM) * VOCAB); // the head's gradient, transposed
    double loss = 0;
    for (int from = 0; from < counted.count; from += BLOCK_ROWS) {
        const int live = std::min(BLOCK_ROWS, counted.count - from),
                  rows = (live + GROUP_ROWS - 1) / GROUP_ROWS * GROUP_ROWS;
        std::memset(static_cast<void*>(x), 0, sizeof(half) * size_t(rows) * DIM);
        std::memset(static_cast<void*>(gradient), 0, sizeof(half) * size_t(rows) * VOCAB);
        for (int i = 0; i < live; ++i) {
            float y[DIM];
            collapse(table, streams + int64_t(counted.tokens[from + i]) * WIDE, collapsed[i], y);
            narrowed(y, x + int64_t(i) * DIM, DIM);
        }
        for (int group = 0; group < rows; group += GROUP_ROWS) {
            head.apply(x + int64_t(group) * DIM, DIM, logits, VOCAB, GROUP_ROWS);
            for (int i = group; i < std::min(live, group + GROUP_ROWS); ++i) {
                bool right = false;
                loss += crossEntropy(logits + int64_t(i - group) * VOCAB, counted.targets[from + i],
                                     share / float(counted.count), gradient + int64_t(i) * VOCAB, right);
                if (counted.recall && counted.recall[from + i]) {
                    figures.right += right;
                    ++figures.asked;
                }
            }
        }
        head.applyBack(gradient, VOCAB, dx, DIM, rows);
        for (int i = 0; i < live; ++i) {
            const int64_t at = int64_t(counted.tokens[from + i]) * WIDE;
            collapseBack(table, streams + at, collapsed[i], dx + int64_t(i) * DIM, dstreams + at);
        }
        transposed(x, DIM, rows, DIM, columns, BLOCK_ROWS);
        packColumns(gradient, VOCAB, rows, VOCAB, packed, VOCAB / 16);
        product(columns, BLOCK_ROWS, packed, VOCAB / 16, sums, VOCAB, DIM, VOCAB, rows, from > 0);
    }
    addTransposed(sums, VOCAB, DIM, VOCAB, dhead, DIM);
    figures.loss = float(loss / counted.count);
    return figures;
}
} // namespace step
