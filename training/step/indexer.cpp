#include "indexer.h"

#include "norms.h"

#include <algorithm>

namespace step {
namespace {
constexpr int ALL = INDEX_HEADS * INDEX;
const float HEAD_SCALE = 1.0f / std::sqrt(float(ALL));

void rotateHeads(const Run& run, float* q, int64_t t, float way) {
    const int64_t at = t % run.length * (ROPE / 2);
    for (int h = 0; h < INDEX_HEADS; ++h)
        turn(q + h * INDEX, INDEX, run.compressed.cosine + at, run.compressed.sine + at, way);
}

// The TOP best of the first `past` scores; equal ones at the edge go to the earlier entry.
void choose(const float* scores, int past, uint8_t* chosen, std::vector<float>& room) {
    if (past <= TOP) {
        std::fill(chosen, chosen + past, uint8_t(1));
        return;
    }
    room.assign(scores, scores + past);
    std::nth_element(room.begin(), room.begin() + TOP - 1, room.end(), std::greater<float>());
    const float edge = room[TOP - 1];
    int taken = 0;
    for (int i = 0; i < past; ++i)
        taken += chosen[i] = scores[i] > edge;
    for (int i = 0; i < past && taken < TOP; ++i)
        if (scores[i] == edge) {
            chosen[i] = 1;
            ++taken;
        }
}

// What the layer's attention gives to entries, heads summed and normalised, and the indexer's guess [past]. Returns the
// divergence; `guess` becomes its gradient by the scores.
float divergence(const Core& core, const float* scores, const uint8_t* chosen, int64_t t, int past, float* paid,
                 float* guess) {
    const half* w = core.weights + (t / CHUNK * HEADS * CHUNK + t % CHUNK) * core.row + 2 * CHUNK;
    std::fill(paid, paid + past, 0.0f);
    for (int h = 0; h < HEADS; ++h, w += int64_t(CHUNK) * core.row)
        for (int e = 0; e < past; ++e)
            paid[e] += widen(w[e]);
    float sum = 1e-9f, top = -1e30f, all = 0;
    for (int e = 0; e < past; ++e) {
        sum += paid[e];
        guess[e] = chosen && !chosen[e] ? -1e30f : scores[e];
        top = std::max(top, guess[e]);
    }
    for (int e = 0; e < past; ++e)
        all += std::exp(guess[e] - top);
    const float log_all = top + std::log(all);
    float loss = 0, total = 0;
    for (int e = 0; e < past; ++e) {
        if (chosen && !chosen[e])
            continue;
        const float p = paid[e] /= sum;
        loss += p * (std::log(p + 1e-9f) - (guess[e] - log_all));
        total += p;
    }
    for (int e = 0; e < past; ++e)
        guess[e] = chosen && !chosen[e] ? 0.0f : total * std::exp(guess[e] - log_all) - paid[e];
    return loss;
}
} // namespace

Indexer score(const Run& run, const IndexerWeights& w, const half* compressed_query, const float* value,
              const float* gate, const float* heads, int64_t ld) {
    Indexer out;
    Arena& arena = *run.arena;
    const int T = run.tokens();
    out.value = value, out.gate = gate, out.heads = heads, out.ld = ld, out.compressed_query = compressed_query;
    out.keys = compress(run, w.compressor, value, gate, ld);
    const int count = out.keys.count, room = out.keys.room;
    out.queries = arena.take<half>(int64_t(T) * ALL);
    out.scores = arena.take<float>(int64_t(T) * count);
    uint8_t* chosen = nullptr;
    if (run.sparse && count > TOP)
        out.chosen = chosen = arena.zeros<uint8_t>(int64_t(T) * count);
    Scratch scratch(arena);
    float* q = arena.take<float>(int64_t(T) * ALL);
    half* packed = arena.take<half>(packedSize(INDEX, room));
    float* dots = arena.take<float>(int64_t(CHUNK) * INDEX_HEADS * room);
    w.wq_b.apply(compressed_query, QUERY, q, ALL, T);
    for (int64_t t = 0; t < T; ++t)
        rotateHeads(run, q + t * ALL, t, 1);
    narrowed(q, out.queries, int64_t(T) * ALL);
    std::vector<float> order;
    for (int n = 0; n < run.chunks(); ++n) {
        const int b = n / run.chunksInRow(), c = n % run.chunksInRow();
        if (c == 0)
            packRows(out.keys.values + int64_t(b) * room * INDEX, INDEX, room, INDEX, packed, room / 16);
        const int seen = std::min(room, ((c + 1) * CHUNK / 4 + 31) / 32 * 32);
        product(out.queries + int64_t(n) * CHUNK * ALL, INDEX, packed, room / 16, dots, room, CHUNK * INDEX_HEADS, seen,
                INDEX);
        for (int s = 0; s < CHUNK; ++s) {
            const int64_t t = int64_t(n) * CHUNK + s;
            const int past = (c * CHUNK + s + 1) / 4;
            float* row = out.scores + t * count;
            std::fill(row, row + past, 0.0f);
            for (int h = 0; h < INDEX_HEADS; ++h) {
                const float* d = dots + (int64_t(s) * INDEX_HEADS + h) * room;
                const float share = heads[t * ld + h] * HEAD_SCALE;
                for (int e = 0; e < past; ++e)
                    row[e] += (d[e] > 0 ? d[e] : 0.0f) * share;
            }
            if (chosen)
                choose(row, past, chosen + t * count, order);
        }
    }
    return out;
}

float imitate(const Run& run, const IndexerWeights& w, const Indexer& in, const Core& core, const IndexerGradients& g) {
    Arena& arena = *run.arena;
    Scratch scratch(arena);
    const int T = run.tokens(), count = in.keys.count, room = in.keys.room;
    int seen = 0;
    for (int i = 0; i < run.asked_count; ++i)
        seen += run.asked[i] + 1 >= 4;
    seen = std::max(1, seen * run.rows);
    float* dq = arena.zeros<float>(int64_t(T) * ALL);
    float* dkeys = arena.zeros<float>(int64_t(run.rows) * room * INDEX);
    std::vector<float> paid(static_cast<size_t>(count)), d(static_cast<size_t>(count)), keys(size_t(room) * INDEX);
    for (int64_t t = 0; t < T; ++t)
        std::memset(static_cast<void*>(g.heads + t * g.ldd), 0, sizeof(half) * INDEX_HEADS);
    float loss = 0;
    for (int b = 0; b < run.rows; ++b) {
        for (size_t i = 0; i < keys.size(); ++i)
            keys[i] = widen(in.keys.values[int64_t(b) * room * INDEX + int64_t(i)]);
        for (int i = 0; i < run.asked_count; ++i) {
            const int past = (run.asked[i] + 1) / 4;
            const int64_t t = int64_t(b) * run.length + run.asked[i];
            if (past == 0)
                continue;
            loss += divergence(core, in.scores + t * count, in.chosen ? in.chosen + t * count : nullptr, t, past,
                               paid.data(), d.data());
            for (int h = 0; h < INDEX_HEADS; ++h) {
                const half* stored = in.queries + t * ALL + h * INDEX;
                float q[INDEX], dh = 0;
                for (int k = 0; k < INDEX; ++k)
                    q[k] = widen(stored[k]);
                const float share = in.heads[t * in.ld + h] * HEAD_SCALE;
                float* to = dq + t * ALL + h * INDEX;
                for (int e = 0; e < past; ++e) {
                    const float* key = keys.data() + int64_t(e) * INDEX;
                    float dot = 0;
                    for (int k = 0; k < INDEX; ++k)
                        dot += q[k] * key[k];
                    if (dot <= 0)
                        continue;
                    dh += d[size_t(e)] * dot;
                    const float pull = d[size_t(e)] * share / float(seen) * run.index_share;
                    float* dk = dkeys + (int64_t(b) * room + e) * INDEX;
                    for (int k = 0; k < INDEX; ++k) {
                        to[k] += pull * key[k];
                        dk[k] += pull * q[k];
                    }
                }
                g.heads[t * g.ldd + h] = narrow(dh * HEAD_SCALE / float(seen) * run.index_share);
            }
        }
    }
    for (int64_t t = 0; t < T; ++t)
        rotateHeads(run, dq + t * ALL, t, -1);
    half* dqh = arena.take<half>(int64_t(T) * ALL);
    narrowed(dq, dqh, int64_t(T) * ALL);
    weightGradient(arena, dqh, ALL, in.compressed_query, QUERY, g.wq_b, T, ALL, QUERY);
    compressBack(run, w.compressor, in.keys, in.value, in.gate, in.ld, dkeys, g.value, g.gate, g.ldd, g.ape, g.norm);
    return loss / float(seen);
}
} // namespace step
