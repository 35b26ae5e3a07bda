#include "experts.h"

#include <algorithm>

namespace step {
namespace {
// logits [T, EXPERTS] in full precision: which expert is best is a matter of small differences.
void gate(const Run& run, const float* weight, const float* x, Experts& e) {
    const int64_t T = run.tokens();
    e.logits = run.arena->take<float>(T * EXPERTS);
    e.scores = run.arena->take<float>(T * EXPERTS);
    std::vector<float> columns(size_t(DIM) * EXPERTS);
    for (int i = 0; i < EXPERTS; ++i)
        for (int d = 0; d < DIM; ++d)
            columns[size_t(d) * EXPERTS + size_t(i)] = weight[i * DIM + d];
    for (int64_t t = 0; t < T; ++t) {
        float sum[EXPERTS] = {};
        for (int d = 0; d < DIM; ++d)
            for (int i = 0; i < EXPERTS; ++i)
                sum[i] += x[t * DIM + d] * columns[size_t(d) * EXPERTS + size_t(i)];
        for (int i = 0; i < EXPERTS; ++i) {
            e.logits[t * EXPERTS + i] = sum[i];
            e.scores[t * EXPERTS + i] = std::sqrt(sum[i] > 20 ? sum[i] : std::log1p(std::exp(sum[i])));
        }
    }
}

void pick(const Run& run, const Routing& routing, const int64_t* ids, Experts& e) {
    const int64_t T = run.tokens();
    e.chosen = run.arena->take<int32_t>(T * PICKS);
    e.shares = run.arena->take<float>(T * PICKS);
    for (int64_t t = 0; t < T; ++t) {
        const float* score = e.scores + t * EXPERTS;
        int32_t* chosen = e.chosen + t * PICKS;
        if (routing.table)
            std::copy_n(routing.table + ids[t] * PICKS, PICKS, chosen);
        else
            for (int p = 0; p < PICKS; ++p) {
                int best = -1;
                for (int i = 0; i < EXPERTS; ++i)
                    if (std::find(chosen, chosen + p, i) == chosen + p &&
                        (best < 0 || score[i] + routing.bias[i] > score[best] + routing.bias[best]))
                        best = i;
                chosen[p] = best;
            }
        float sum = 0;
        for (int p = 0; p < PICKS; ++p) {
            sum += score[chosen[p]];
            routing.load[chosen[p]] += 1;
        }
        for (int p = 0; p < PICKS; ++p)
            e.shares[t * PICKS + p] = score[chosen[p]] / sum * ROUTE_SCALE;
    }
}

// Rows by expert, the shared expert's last.
void sortRows(const Run& run, Experts& e) {
    const int T = run.tokens();
    int count[EXPERTS] = {}, at[EXPERTS];
    for (int i = 0; i < T * PICKS; ++i)
        ++count[e.chosen[i]];
    for (int i = 0; i < EXPERTS; ++i) {
        at[i] = e.starts[i];
        e.starts[i + 1] = e.starts[i] + (count[i] + 31) / 32 * 32;
    }
    e.starts[EXPERTS + 1] = e.starts[EXPERTS] + T;
    const int rows = e.starts[EXPERTS + 1];
    e.tokens = run.arena->take<int32_t>(rows);
    e.row_shares = run.arena->zeros<float>(rows);
    e.row_picks = run.arena->take<int32_t>(rows);
    std::fill_n(e.tokens, rows, -1);
    for (int i = 0; i < T * PICKS; ++i) {
        const int row = at[e.chosen[i]]++;
        e.tokens[row] = i / PICKS, e.row_picks[row] = i % PICKS, e.row_shares[row] = e.shares[i];
    }
    for (int i = 0; i < T; ++i) {
        const int row = e.starts[EXPERTS] + i;
        e.tokens[row] = i, e.row_picks[row] = -1, e.row_shares[row] = 1;
    }
}

// mid = silu(min(a, limit)) * clamp(b) of up [., a | b].
inline void activate(const float* up, half* mid) {
    for (int i = 0; i < INNER; ++i) {
        const float a = up[i] < LIMIT ? up[i] : LIMIT, b = up[INNER + i];
        const float c = b < -LIMIT ? -LIMIT : b > LIMIT ? LIMIT : b;
        mid[i] = narrow(a * sigmoid(a) * c);
    }
}

inline void activateBack(const float* up, const float* dmid, half* dup) {
    for (int i = 0; i < INNER; ++i) {
        const float ra = up[i], rb = up[INNER + i], g = dmid[i];
        const float a = ra < LIMIT ? ra : LIMIT, b = rb < -LIMIT ? -LIMIT : rb > LIMIT ? LIMIT : rb, s = sigmoid(a);
        dup[i] = narrow(ra > LIMIT ? 0.0f : g * b * s * (1 + a * (1 - s)));
        dup[INNER + i] = narrow(rb > LIMIT || rb < -LIMIT ? 0.0f : g * a * s);
    }
}

// From gradients of the shares (and the balance loss) to those of the gate's weight and x.
void gateBack(const Run& run, const Table& t, const Experts& e, const float* dshares, float* dx) {
    const int64_t T = run.tokens();
    const float *weight = t.w(GATE), *x = e.x;
    float* dweight = t.g(GATE);
    float counts[EXPERTS] = {}, uneven[EXPERTS];
    for (int64_t i = 0; i < T * PICKS; ++i)
        counts[e.chosen[i]] += 1;
    for (int i = 0; i < EXPERTS; ++i)
        uneven[i] = run.balance_share * EXPERTS * counts[i] / float(T * PICKS) / float(T);
    for (int64_t i = 0; i < T; ++i) {
        const float* score = e.scores + i * EXPERTS;
        const int32_t* chosen = e.chosen + i * PICKS;
        float d[EXPERTS] = {}, sum = 0, dot = 0;
        for (int p = 0; p < PICKS; ++p) {
            sum += score[chosen[p]];
            dot += dshares[i * PICKS + p] * score[chosen[p]];
        }
        for (int p = 0; p < PICKS; ++p)
            d[chosen[p]] += ROUTE_SCALE * (dshares[i * PICKS + p] - dot / sum) / sum;
        if (e.balanced) {
            float all = 0, pull = 0;
            for (int k = 0; k < EXPERTS; ++k) {
                all += score[k];
                pull += uneven[k] * score[k];
            }
            for (int k = 0; k < EXPERTS; ++k)
                d[k] += (uneven[k] - pull / all) / all;
        }
        for (int k = 0; k < EXPERTS; ++k)
            d[k] *= sigmoid(e.logits[i * EXPERTS + k]) / (2 * score[k]);
        for (int k = 0; k < EXPERTS; ++k) {
            const float g = d[k];
            if (g == 0)
                continue;
            for (int c = 0; c < DIM; ++c) {
                dweight[k * DIM + c] += g * x[i * DIM + c];
                dx[i * DIM + c] += g * weight[k * DIM + c];
            }
        }
    }
}
} // namespace

void ExpertsWeights::pack(Arena& kept, Arena& scratch, const Table& t) {
    constexpr int64_t SIZE = int64_t(INNER) * DIM;
    for (int e = 0; e < EXPERTS; ++e) {
        step::pack(kept, scratch, {{t.w(W1) + e * SIZE, INNER}, {t.w(W3) + e * SIZE, INNER}}, DIM, up[e]);
        step::pack(kept, scratch, {{t.w(W2) + e * SIZE, DIM}}, INNER, down[e]);
    }
    step::pack(kept, scratch, {{t.w(SHARED_W1), INNER}, {t.w(SHARED_W3), INNER}}, DIM, up[EXPERTS]);
    step::pack(kept, scratch, {{t.w(SHARED_W2), DIM}}, INNER, down[EXPERTS]);
}

Experts mixExperts(const Run& run, const Table& t, const ExpertsWeights& w, const Routing& routing, const int64_t* ids,
                   const float* x, float* y) {
    Experts e;
    Arena& arena = *run.arena;
    e.x = x;
    e.balanced = !routing.table;
    gate(run, t.w(GATE), x, e);
    pick(run, routing, ids, e);
    sortRows(run, e);
    const int rows = e.starts[EXPERTS + 1];
    e.in = arena.take<half>(int64_t(rows) * DIM);
    e.up = arena.take<float>(int64_t(rows) * 2 * INNER);
    e.mid = arena.take<half>(int64_t(rows) * INNER);
    for (int r = 0; r < rows; ++r)
        if (e.tokens[r] < 0)
            std::memset(static_cast<void*>(e.in + int64_t(r) * DIM), 0, DIM * sizeof(half));
        else
            narrowed(x + int64_t(e.tokens[r]) * DIM, e.in + int64_t(r) * DIM, DIM);
    Scratch scratch(arena);
    float* out = arena.take<float>(int64_t(rows) * DIM);
    for (int i = 0; i <= EXPERTS; ++i) {
        const int64_t from = e.starts[i];
        const int count = e.starts[i + 1] - e.starts[i];
        w.up[i].apply(e.in + from * DIM, DIM, e.up + from * 2 * INNER, 2 * INNER, count);
        for (int64_t r = from; r < from + count; ++r)
            activate(e.up + r * 2 * INNER, e.mid + r * INNER);
        w.down[i].apply(e.mid + from * INNER, INNER, out + from * DIM, DIM, count);
    }
    std::memcpy(y, out + int64_t(e.starts[EXPERTS]) * DIM, sizeof(float) * size_t(run.tokens()) * DIM);
    for (int64_t r = 0; r < e.starts[EXPERTS]; ++r) {
        if (e.tokens[r] < 0)
            continue;
        float* to = y + int64_t(e.tokens[r]) * DIM;
        for (int d = 0; d < DIM; ++d)
            to[d] += out[r * DIM + d] * e.row_shares[r];
    }
    return e;
}

void mixExpertsBack(const Run& run, const Table& t, const ExpertsWeights& w, const Experts& e, const float* dy,
                    float* dx) {
    Arena& arena = *run.arena;
    Scratch scratch(arena);
    constexpr int64_t SIZE = int64_t(INNER) * DIM;
    const int rows = e.starts[EXPERTS + 1], T = run.tokens();
    half* dout = arena.take<half>(int64_t(rows) * DIM); // not yet times the share
    float* dmid = arena.take<float>(int64_t(rows) * INNER);
    half* shared_mid = arena.take<half>(int64_t(rows) * INNER); // mid times the share
    half* dup = arena.take<half>(int64_t(rows) * 2 * INNER);
    float* din = arena.take<float>(int64_t(rows) * DIM);
    float* dshares = arena.take<float>(int64_t(T) * PICKS);
    half* columns = arena.take<half>(int64_t(rows) * 2 * INNER);
    half* packed = arena.take<half>(packedSize(rows, DIM));
    for (int r = 0; r < rows; ++r)
        if (e.tokens[r] < 0)
            std::memset(static_cast<void*>(dout + int64_t(r) * DIM), 0, DIM * sizeof(half));
        else
            narrowed(dy + int64_t(e.tokens[r]) * DIM, dout + int64_t(r) * DIM, DIM);
    for (int i = 0; i <= EXPERTS; ++i) {
        const int64_t from = e.starts[i];
        const int count = e.starts[i + 1] - e.starts[i];
        if (count == 0)
            continue;
        w.down[i].applyBack(dout + from * DIM, DIM, dmid + from * INNER, INNER, count);
        for (int64_t r = from; r < from + count; ++r) {
            float dot = 0;
            const float share = e.row_shares[r];
            float* d = dmid + r * INNER;
            for (int k = 0; k < INNER; ++k) {
                const float m = widen(e.mid[r * INNER + k]);
                dot += d[k] * m;
                shared_mid[r * INNER + k] = narrow(m * share);
                d[k] *= share;
            }
            if (e.tokens[r] >= 0 && e.row_picks[r] >= 0)
                dshares[int64_t(e.tokens[r]) * PICKS + e.row_picks[r]] = dot;
            activateBack(e.up + r * 2 * INNER, d, dup + r * 2 * INNER);
        }
        w.up[i].applyBack(dup + from * 2 * INNER, 2 * INNER, din + from * DIM, DIM, count);
        float* dw2 = i < EXPERTS ? t.g(W2) + i * SIZE : t.g(SHARED_W2);
        float* dw1 = i < EXPERTS ? t.g(W1) + i * SIZE : t.g(SHARED_W1);
        float* dw3 = i < EXPERTS ? t.g(W3) + i * SIZE : t.g(SHARED_W3);
        weightGradient(arena, dout + from * DIM, DIM, shared_mid + from * INNER, INNER, dw2, count, DIM, INNER);
        transposed(dup + from * 2 * INNER, 2 * INNER, count, 2 * INNER, columns, count);
        packColumns(e.in + from * DIM, DIM, count, DIM, packed, DIM / 16);
        weightGradientPacked(arena, columns, count, packed, dw1, count, INNER, DIM);
        weightGradientPacked(arena, columns + int64_t(INNER) * count, count, packed, dw3, count, INNER, DIM);
    }
    std::memcpy(dx, din + int64_t(e.starts[EXPERTS]) * DIM, sizeof(float) * size_t(T) * DIM);
    for (int64_t r = 0; r < e.starts[EXPERTS]; ++r) {
        if (e.tokens[r] < 0)
            continue;
        float* to = dx + int64_t(e.tokens[r]) * DIM;
        for (int d = 0; d < DIM; ++d)
            to[d] += din[r * DIM + d];
    }
    gateBack(run, t, e, dshares, dx);
}
} // namespace step
