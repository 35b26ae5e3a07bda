#include "core.h"

namespace step {
namespace {
constexpr int64_t KEYS = packedSize(HEAD, CHUNK), HEAD_TILES = HEAD / 16, CHUNK_TILES = CHUNK / 16;
const float SCALE = 1.0f / std::sqrt(float(HEAD));

// What the queries of one chunk can see.
struct View {
    int chunk, row, in_row; // chunk of all, its row, its place in the row
    int entries;            // visible to the last of its queries, padded to 32
};
View view(const Run& run, const Core& core, int n) {
    View v{n, n / run.chunksInRow(), n % run.chunksInRow(), 0};
    v.entries = (core.past((v.in_row + 1) * CHUNK - 1) + 31) / 32 * 32;
    return v;
}

// out [CHUNK, row] = a times the keys and entries in view (transposed).
void scores(const Core& core, const View& v, const half* a, float* out) {
    if (v.in_row)
        product(a, HEAD, core.key_rows + (v.chunk - 1) * KEYS, CHUNK_TILES, out, core.row, CHUNK, CHUNK, HEAD);
    product(a, HEAD, core.key_rows + v.chunk * KEYS, CHUNK_TILES, out + CHUNK, core.row, CHUNK, CHUNK, HEAD);
    if (v.entries)
        product(a, HEAD, core.entry_rows + v.row * packedSize(HEAD, core.entries.room), core.entries.room / 16,
                out + 2 * CHUNK, core.row, CHUNK, v.entries, HEAD);
}

// out [CHUNK, HEAD] = weights [CHUNK, row] times the keys and entries in view.
void gathered(const Core& core, const View& v, const half* weights, float* out) {
    product(weights + CHUNK, core.row, core.key_columns + v.chunk * KEYS, HEAD_TILES, out, HEAD, CHUNK, HEAD, CHUNK);
    if (v.in_row)
        product(weights, core.row, core.key_columns + (v.chunk - 1) * KEYS, HEAD_TILES, out, HEAD, CHUNK, HEAD, CHUNK,
                true);
    if (v.entries)
        product(weights + 2 * CHUNK, core.row, core.entry_columns + v.row * packedSize(core.entries.room, HEAD),
                HEAD_TILES, out, HEAD, CHUNK, HEAD, v.entries, true);
}

// Softmax of one query's scores over [low, high) of the window and the visible ones of `past` entries.
float softmax(float* a, half* w, int low, int high, int start, int end, int past, int room, const uint8_t* chosen,
              float sink) {
    float top = sink;
    for (int i = low; i < high; ++i) {
        a[i] *= SCALE;
        top = a[i] > top ? a[i] : top;
    }
    float* e = a + 2 * CHUNK;
    if (chosen)
        for (int i = 0; i < past; ++i)
            e[i] = chosen[i] ? e[i] : -1e30f;
    for (int i = 0; i < past; ++i) {
        e[i] *= SCALE;
        top = e[i] > top ? e[i] : top;
    }
    const float own = std::exp(sink - top);
    float sum = own;
    for (int i = low; i < high; ++i)
        sum += a[i] = quickExp(a[i] - top);
    for (int i = 0; i < past; ++i)
        sum += e[i] = quickExp(e[i] - top);
    if (chosen)
        for (int i = 0; i < past; ++i)
            e[i] = chosen[i] ? e[i] : 0.0f;
    const float r = 1.0f / sum;
    for (int i = start; i < low; ++i)
        w[i] = 0;
    for (int i = low; i < high; ++i)
        w[i] = narrow(a[i] * r);
    for (int i = high; i < end; ++i)
        w[i] = 0;
    half* we = w + 2 * CHUNK;
    for (int i = 0; i < past; ++i)
        we[i] = narrow(e[i] * r);
    for (int i = past; i < room; ++i)
        we[i] = 0;
    return own * r;
}

void packKeys(const Run& run, Core& core) {
    core.key_rows = run.arena->take<half>(KEYS * run.chunks());
    core.key_columns = run.arena->take<half>(KEYS * run.chunks());
    for (int n = 0; n < run.chunks(); ++n) {
        packRows(core.keys + int64_t(n) * CHUNK * HEAD, HEAD, CHUNK, HEAD, core.key_rows + n * KEYS, CHUNK_TILES);
        packColumns(core.keys + int64_t(n) * CHUNK * HEAD, HEAD, CHUNK, HEAD, core.key_columns + n * KEYS, HEAD_TILES);
    }
    const int room = core.entries.room;
    if (!room)
        return;
    const int64_t size = packedSize(HEAD, room);
    core.entry_rows = run.arena->take<half>(size * run.rows);
    core.entry_columns = run.arena->take<half>(size * run.rows);
    for (int b = 0; b < run.rows; ++b) {
        const half* values = core.entries.values + int64_t(b) * room * HEAD;
        packRows(values, HEAD, room, HEAD, core.entry_rows + b * size, room / 16);
        packColumns(values, HEAD, room, HEAD, core.entry_columns + b * size, HEAD_TILES);
    }
}
} // namespace

void attend(const Run& run, Core& core, const float* sink, float* out) {
    core.row = 2 * CHUNK + core.entries.room;
    core.weights = run.arena->take<half>(int64_t(run.tokens()) * HEADS * core.row);
    core.sunk = run.arena->take<float>(int64_t(run.tokens()) * HEADS);
    packKeys(run, core);
    Scratch scratch(*run.arena);
    float* a = run.arena->take<float>(int64_t(CHUNK) * core.row);
    for (int n = 0; n < run.chunks(); ++n) {
        const View v = view(run, core, n);
        for (int h = 0; h < HEADS; ++h) {
            const int64_t at = (int64_t(n) * HEADS + h) * CHUNK;
            half* weights = core.weights + at * core.row;
            scores(core, v, core.queries + at * HEAD, a);
            for (int s = 0; s < CHUNK; ++s) {
                const int high = s + CHUNK + 1, first = v.in_row ? 0 : CHUNK;
                const int low = high - run.reach > first ? high - run.reach : first;
                const uint8_t* chosen =
                    core.chosen ? core.chosen + (int64_t(n) * CHUNK + s) * core.entries.count : nullptr;
                core.sunk[at + s] =
                    softmax(a + int64_t(s) * core.row, weights + int64_t(s) * core.row, low, high, first, 2 * CHUNK,
                            core.past(v.in_row * CHUNK + s), v.entries, chosen, sink[h]);
            }
            gathered(core, v, weights, out + at * HEAD);
        }
    }
}

void attendBack(const Run& run, const Core& core, const half* dout, float* dqueries, float* dkeys, float* dentries,
                float* dsink) {
    Scratch scratch(*run.arena);
    const int row = core.row;
    float* a = run.arena->take<float>(int64_t(CHUNK) * row);
    half* dscores = run.arena->take<half>(int64_t(CHUNK) * row);
    half* packed = run.arena->take<half>(packedSize(2 * CHUNK, row)); // gradients of the scores above the weights
    half* left = run.arena->take<half>(int64_t(HEAD) * 2 * CHUNK);    // queries beside dout, transposed
    float* sums = run.arena->take<float>(int64_t(HEAD) * row);
    for (int n = 0; n < run.chunks(); ++n) {
        const View v = view(run, core, n);
        const int from = v.in_row ? 0 : CHUNK, used = 2 * CHUNK + v.entries;
        for (int h = 0; h < HEADS; ++h) {
            const int64_t at = (int64_t(n) * HEADS + h) * CHUNK;
            const half* weights = core.weights + at * row;
            scores(core, v, dout + at * HEAD, a);
            for (int s = 0; s < CHUNK; ++s) {
                const half* w = weights + int64_t(s) * row;
                const float* d = a + int64_t(s) * row;
                half* ds = dscores + int64_t(s) * row;
                float dot = 0;
                for (int i = from; i < used; ++i)
                    dot += widen(w[i]) * d[i];
                dsink[h] -= core.sunk[at + s] * dot;
                for (int i = from; i < used; ++i)
                    ds[i] = narrow(widen(w[i]) * (d[i] - dot) * SCALE);
            }
            gathered(core, v, dscores, dqueries + at * HEAD);
            const int tiles = (used - from) / 16;
            packColumns(dscores + from, row, CHUNK, used - from, packed, tiles);
            packColumns(weights + from, row, CHUNK, used - from, packed + int64_t(CHUNK / 32) * tiles * TILE, tiles);
            transposed(core.queries + at * HEAD, HEAD, CHUNK, HEAD, left, 2 * CHUNK);
            transposed(dout + at * HEAD, HEAD, CHUNK, HEAD, left + CHUNK, 2 * CHUNK);
            product(left, 2 * CHUNK, packed, tiles, sums, used - from, HEAD, used - from, 2 * CHUNK, h > 0);
        }
        const int64_t ld = used - from;
        if (v.in_row)
            addTransposed(sums, ld, HEAD, CHUNK, dkeys + int64_t(n - 1) * CHUNK * HEAD, HEAD);
        addTransposed(sums + CHUNK - from, ld, HEAD, CHUNK, dkeys + int64_t(n) * CHUNK * HEAD, HEAD);
        if (v.entries)
            addTransposed(sums + 2 * CHUNK - from, ld, HEAD, v.entries,
                          dentries + int64_t(v.row) * core.entries.room * HEAD, HEAD);
    }
}
} // namespace step
