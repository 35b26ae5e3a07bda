#include "attention.h"

#include "norms.h"

namespace step {
namespace {
int span(int ratio) {
    return ratio == 0 ? 0 : ratio == 4 ? 2 * HEAD : HEAD;
}
Compressor compressor(const Table& t, int ratio) {
    return {ratio, HEAD, t.w(COMP_APE), t.w(COMP_NORM)};
}
IndexerWeights indexerWeights(const Table& t, const AttentionWeights& w) {
    return {w.index_wq_b, {4, INDEX, t.w(INDEX_APE), t.w(INDEX_NORM)}};
}
// Where head h of token t stands among queries [chunks, HEADS, CHUNK, HEAD].
int64_t queryAt(int64_t t, int h) {
    return ((t / CHUNK * HEADS + h) * CHUNK + t % CHUNK) * HEAD;
}

void makeQueries(const Run& run, const Table& t, const AttentionWeights& w, int ratio, Attention& a) {
    const int T = run.tokens(), ld = w.x.rows;
    const Rotation table = run.rotation(ratio);
    a.query = run.arena->take<half>(int64_t(T) * QUERY);
    a.query_inverse = run.arena->take<float>(T);
    a.key_inverse = run.arena->take<float>(T);
    a.core.keys = run.arena->take<half>(int64_t(T) * HEAD);
    a.core.queries = run.arena->take<half>(int64_t(T) * ALL_HEADS);
    a.raw_queries = run.arena->take<float>(int64_t(T) * ALL_HEADS);
    a.queries_inverse = run.arena->take<float>(int64_t(T) * HEADS);
    for (int64_t i = 0; i < T; ++i) {
        float y[QUERY > HEAD ? QUERY : HEAD];
        const int64_t at = i % run.length * (ROPE / 2);
        a.query_inverse[i] = normed(a.projected + i * ld, t.w(Q_NORM), QUERY, y);
        narrowed(y, a.query + i * QUERY, QUERY);
        a.key_inverse[i] = normed(a.projected + i * ld + QUERY, t.w(KV_NORM), HEAD, y);
        turn(y, HEAD, table.cosine + at, table.sine + at, 1);
        narrowed(y, a.core.keys + i * HEAD, HEAD);
    }
    w.wq_b.apply(a.query, QUERY, a.raw_queries, ALL_HEADS, T);
    for (int64_t i = 0; i < T; ++i)
        for (int h = 0; h < HEADS; ++h) {
            float y[HEAD];
            const int64_t at = i % run.length * (ROPE / 2);
            a.queries_inverse[i * HEADS + h] = normed(a.raw_queries + i * ALL_HEADS + h * HEAD, nullptr, HEAD, y);
            turn(y, HEAD, table.cosine + at, table.sine + at, 1);
            narrowed(y, a.core.queries + queryAt(i, h), HEAD);
        }
}
} // namespace

void AttentionWeights::pack(Arena& kept, Arena& scratch, const Table& t, int ratio) {
    if (ratio == 0)
        step::pack(kept, scratch, {{t.w(WQ_A), QUERY}, {t.w(WKV), HEAD}}, DIM, x);
    else
        step::pack(kept, scratch,
                   {{t.w(WQ_A), QUERY}, {t.w(WKV), HEAD}, {t.w(COMP_WKV), span(ratio)}, {t.w(COMP_WGATE), span(ratio)}},
                   DIM, x);
    if (ratio == 4) {
        step::pack(kept, scratch,
                   {{t.w(INDEX_WKV), 2 * INDEX}, {t.w(INDEX_WGATE), 2 * INDEX}, {t.w(INDEX_PROJ), INDEX_HEADS}}, DIM,
                   index);
        step::pack(kept, scratch, {{t.w(INDEX_WQ_B), INDEX_HEADS * INDEX}}, QUERY, index_wq_b);
    }
    step::pack(kept, scratch, {{t.w(WQ_B), ALL_HEADS}}, QUERY, wq_b);
    step::pack(kept, scratch, {{t.w(WO_B), DIM}}, ALL_OUT, wo_b);
    for (int g = 0; g < GROUPS; ++g)
        step::pack(kept, scratch, {{t.w(WO_A) + int64_t(g) * OUT * GROUP, OUT}}, GROUP, wo_a[g]);
}

Attention attention(const Run& run, const Table& t, const AttentionWeights& w, int ratio, const half* x, float* y) {
    Attention a;
    Arena& arena = *run.arena;
    const int T = run.tokens(), ld = w.x.rows;
    a.x = x;
    a.core.ratio = ratio;
    a.projected = arena.take<float>(int64_t(T) * ld);
    w.x.apply(x, DIM, a.projected, ld, T);
    makeQueries(run, t, w, ratio, a);
    if (ratio)
        a.core.entries = compress(run, compressor(t, ratio), a.projected + QUERY + HEAD,
                                  a.projected + QUERY + HEAD + span(ratio), ld);
    if (ratio == 4 && (run.asked_count || (run.sparse && a.core.entries.count > TOP))) {
        a.indexed = true;
        const int ldi = w.index.rows;
        a.index_projected = arena.take<float>(int64_t(T) * ldi);
        w.index.apply(x, DIM, a.index_projected, ldi, T);
        a.indexer = score(run, indexerWeights(t, w), a.query, a.index_projected, a.index_projected + 2 * INDEX,
                          a.index_projected + 4 * INDEX, ldi);
        a.core.chosen = a.indexer.chosen;
    }
    a.out = arena.take<half>(int64_t(T) * ALL_HEADS);
    a.group_out = arena.take<half>(int64_t(T) * ALL_OUT);
    float* out = arena.take<float>(int64_t(T) * ALL_HEADS);
    attend(run, a.core, t.w(SINK), out);
    const Rotation table = run.rotation(ratio);
    for (int64_t i = 0; i < T; ++i)
        for (int h = 0; h < HEADS; ++h) {
            const int64_t at = i % run.length * (ROPE / 2);
            float* o = out + queryAt(i, h);
            turn(o, HEAD, table.cosine + at, table.sine + at, -1);
            narrowed(o, a.out + i * ALL_HEADS + h * HEAD, HEAD);
        }
    Scratch scratch(arena);
    constexpr int ROOM = (OUT + 31) / 32 * 32;
    float* grouped = arena.take<float>(int64_t(T) * ROOM);
    for (int g = 0; g < GROUPS; ++g) {
        w.wo_a[g].apply(a.out + g * GROUP, ALL_HEADS, grouped, ROOM, T);
        for (int64_t i = 0; i < T; ++i)
            narrowed(grouped + i * ROOM, a.group_out + i * ALL_OUT + g * OUT, OUT);
    }
    w.wo_b.apply(a.group_out, ALL_OUT, y, DIM, T);
    return a;
}

namespace {
// From dy to the gradient of what the core gave, as halves [chunks, HEADS, CHUNK, HEAD].
half* outputBack(const Run& run, const Table& t, const AttentionWeights& w, const Attention& a, const half* dy) {
    Arena& arena = *run.arena;
    const int T = run.tokens();
    half* dout = arena.take<half>(int64_t(T) * ALL_HEADS);
    weightGradient(arena, dy, DIM, a.group_out, ALL_OUT, t.g(WO_B), T, DIM, ALL_OUT);
    constexpr int ROOM = (OUT + 31) / 32 * 32;
    Scratch scratch(arena);
    float* dgroups = arena.take<float>(int64_t(T) * ALL_OUT);
    half* one = arena.zeros<half>(int64_t(T) * ROOM);
    float* d = arena.take<float>(int64_t(T) * ALL_HEADS);
    w.wo_b.applyBack(dy, DIM, dgroups, ALL_OUT, T);
    for (int g = 0; g < GROUPS; ++g) {
        for (int64_t i = 0; i < T; ++i)
            narrowed(dgroups + i * ALL_OUT + g * OUT, one + i * ROOM, OUT);
        w.wo_a[g].applyBack(one, ROOM, d + g * GROUP, ALL_HEADS, T);
        weightGradient(arena, one, ROOM, a.out + g * GROUP, ALL_HEADS, t.g(WO_A) + int64_t(g) * OUT * GROUP, T, OUT,
                       GROUP);
    }
    const Rotation table = run.rotation(a.core.ratio);
    for (int64_t i = 0; i < T; ++i)
        for (int h = 0; h < HEADS; ++h) {
            const int64_t at = i % run.length * (ROPE / 2);
            float* o = d + i * ALL_HEADS + h * HEAD;
            turn(o, HEAD, table.cosine + at, table.sine + at, 1);
            narrowed(o, dout + queryAt(i, h), HEAD);
        }
    return dout;
}

// Through rotation, norms and projections of queries and keys, into the first columns of dprojected.
void queriesBack(const Run& run, const Table& t, const AttentionWeights& w, const Attention& a, float* dqueries,
                 float* dkeys, half* dprojected) {
    Arena& arena = *run.arena;
    Scratch scratch(arena);
    const int T = run.tokens(), ld = w.x.rows;
    const Rotation table = run.rotation(a.core.ratio);
    half* draw = arena.take<half>(int64_t(T) * ALL_HEADS);
    float* dquery = arena.take<float>(int64_t(T) * QUERY);
    for (int64_t i = 0; i < T; ++i)
        for (int h = 0; h < HEADS; ++h) {
            const int64_t at = i % run.length * (ROPE / 2);
            float* d = dqueries + queryAt(i, h);
            turn(d, HEAD, table.cosine + at, table.sine + at, -1);
            normedBack(a.raw_queries + i * ALL_HEADS + h * HEAD, nullptr, a.queries_inverse[i * HEADS + h], HEAD, d, d,
                       nullptr);
            narrowed(d, draw + i * ALL_HEADS + h * HEAD, HEAD);
        }
    weightGradient(arena, draw, ALL_HEADS, a.query, QUERY, t.g(WQ_B), T, ALL_HEADS, QUERY);
    w.wq_b.applyBack(draw, ALL_HEADS, dquery, QUERY, T);
    for (int64_t i = 0; i < T; ++i) {
        const int64_t at = i % run.length * (ROPE / 2);
        float *dq = dquery + i * QUERY, *dk = dkeys + i * HEAD;
        normedBack(a.projected + i * ld, t.w(Q_NORM), a.query_inverse[i], QUERY, dq, dq, t.g(Q_NORM));
        narrowed(dq, dprojected + i * ld, QUERY);
        turn(dk, HEAD, table.cosine + at, table.sine + at, -1);
        normedBack(a.projected + i * ld + QUERY, t.w(KV_NORM), a.key_inverse[i], HEAD, dk, dk, t.g(KV_NORM));
        narrowed(dk, dprojected + i * ld + QUERY, HEAD);
    }
}
} // namespace

float attentionBack(const Run& run, const Table& t, const AttentionWeights& w, const Attention& a, const half* dy,
                    float* dx) {
    Arena& arena = *run.arena;
    Scratch scratch(arena);
    const int T = run.tokens(), ld = w.x.rows, ldi = w.index.rows, ratio = a.core.ratio, wide = span(ratio);
    const half* dout = outputBack(run, t, w, a, dy);
    half* dprojected = arena.zeros<half>(int64_t(T) * ld);
    float* dqueries = arena.take<float>(int64_t(T) * ALL_HEADS);
    float* dkeys = arena.zeros<float>(int64_t(T) * HEAD);
    float* dentries = ratio ? arena.zeros<float>(int64_t(run.rows) * a.core.entries.room * HEAD) : nullptr;
    attendBack(run, a.core, dout, dqueries, dkeys, dentries, t.g(SINK));
    queriesBack(run, t, w, a, dqueries, dkeys, dprojected);
    half* packed = arena.take<half>(packedSize(T, DIM));
    packColumns(a.x, DIM, T, DIM, packed, DIM / 16);
    if (ratio)
        compressBack(run, compressor(t, ratio), a.core.entries, a.projected + QUERY + HEAD,
                     a.projected + QUERY + HEAD + wide, ld, dentries, dprojected + QUERY + HEAD,
                     dprojected + QUERY + HEAD + wide, ld, t.g(COMP_APE), t.g(COMP_NORM));
    w.x.applyBack(dprojected, ld, dx, DIM, T);
    half* columns = arena.take<half>(int64_t(ld > ldi ? ld : ldi) * T);
    transposed(dprojected, ld, T, ld, columns, T);
    const auto gradient = [&](Parameter p, int64_t from, int rows) {
        weightGradientPacked(arena, columns + from * T, T, packed, t.g(p), T, rows, DIM);
    };
    gradient(WQ_A, 0, QUERY);
    gradient(WKV, QUERY, HEAD);
    if (ratio) {
        gradient(COMP_WKV, QUERY + HEAD, wide);
        gradient(COMP_WGATE, QUERY + HEAD + wide, wide);
    }
    if (!a.indexed || !run.asked_count)
        return 0;
    half* dindex = arena.zeros<half>(int64_t(T) * ldi);
    const float loss = imitate(
        run, indexerWeights(t, w), a.indexer, a.core,
        {t.g(INDEX_WQ_B), t.g(INDEX_APE), t.g(INDEX_NORM), dindex, dindex + 2 * INDEX, dindex + 4 * INDEX, ldi});
    transposed(dindex, ldi, T, ldi, columns, T);
    gradient(INDEX_WKV, 0, 2 * INDEX);
    gradient(INDEX_WGATE, 2 * INDEX, 2 * INDEX);
    gradient(INDEX_PROJ, 4 * INDEX, INDEX_HEADS);
    return loss;
}
} // namespace step
