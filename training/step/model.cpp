// One piece of a training step: the whole model forward and backward over a few rows of tokens, in one call.
#include "attention.h"
#include "experts.h"
#include "head.h"
#include "norms.h"
#include "streams.h"

#include <algorithm>

namespace step {
namespace {
struct BlockWeights {
    Weight hc_attn, hc_ffn, e_proj, h_proj;
    AttentionWeights attention;
    ExpertsWeights experts;
};
struct Block {
    Read attn_read, ffn_read;
    float *attn_y = nullptr, *ffn_y = nullptr, *middle = nullptr;
    Attention attention;
    Experts experts;
};

ReadWeights readWeights(const Table& t, const Weight& fn, Parameter base, Parameter scale, Parameter norm) {
    return {fn, t.w(scale), t.w(base), t.w(norm)};
}

Block forward(const Run& run, const Table& t, const BlockWeights& w, int ratio, const Routing& routing,
              const int64_t* ids, const float* streams, float* out) {
    Arena& arena = *run.arena;
    const int T = run.tokens();
    const auto room = [&](int width) { return arena.take<float>(int64_t(T) * width); };
    Block b;
    b.attn_y = room(DIM), b.ffn_y = room(DIM), b.middle = room(WIDE);
    float* x = room(DIM);
    b.attn_read = readStreams(arena, T, streams, run.rounds,
                              readWeights(t, w.hc_attn, HC_ATTN_BASE, HC_ATTN_SCALE, ATTN_NORM), x);
    half* operand = arena.take<half>(int64_t(T) * DIM);
    narrowed(x, operand, int64_t(T) * DIM);
    b.attention = attention(run, t, w.attention, ratio, operand, b.attn_y);
    writeStreams(T, b.attn_y, streams, b.attn_read.split, b.middle);
    b.ffn_read =
        readStreams(arena, T, b.middle, run.rounds, readWeights(t, w.hc_ffn, HC_FFN_BASE, HC_FFN_SCALE, FFN_NORM), x);
    b.experts = mixExperts(run, t, w.experts, routing, ids, x, b.ffn_y);
    writeStreams(T, b.ffn_y, b.middle, b.ffn_read.split, out);
    return b;
}

// g: gradient of the block's output; becomes that of its input. Returns the indexer's loss.
float backward(const Run& run, const Table& t, const BlockWeights& w, const Block& b, float*& g) {
    Arena& arena = *run.arena;
    const int T = run.tokens();
    float* into = arena.take<float>(int64_t(T) * WIDE);
    Scratch scratch(arena);
    float* middle = arena.take<float>(int64_t(T) * WIDE);
    float* dsplit = arena.take<float>(int64_t(T) * MIX);
    float* dy = arena.take<float>(int64_t(T) * DIM);
    float* dx = arena.take<float>(int64_t(T) * DIM);
    half* operand = arena.take<half>(int64_t(T) * DIM);
    writeStreamsBack(T, b.ffn_y, b.middle, b.ffn_read.split, g, dy, middle, dsplit);
    mixExpertsBack(run, t, w.experts, b.experts, dy, dx);
    readStreamsBack(arena, T, b.ffn_read, run.rounds, readWeights(t, w.hc_ffn, HC_FFN_BASE, HC_FFN_SCALE, FFN_NORM), dx,
                    dsplit, middle, {t.g(HC_FFN_FN), t.g(HC_FFN_SCALE), t.g(HC_FFN_BASE), t.g(FFN_NORM)});
    writeStreamsBack(T, b.attn_y, b.attn_read.streams, b.attn_read.split, middle, dy, into, dsplit);
    narrowed(dy, operand, int64_t(T) * DIM);
    const float index_loss = attentionBack(run, t, w.attention, b.attention, operand, dx);
    readStreamsBack(arena, T, b.attn_read, run.rounds,
                    readWeights(t, w.hc_attn, HC_ATTN_BASE, HC_ATTN_SCALE, ATTN_NORM), dx, dsplit, into,
                    {t.g(HC_ATTN_FN), t.g(HC_ATTN_SCALE), t.g(HC_ATTN_BASE), t.g(ATTN_NORM)});
    g = into;
    return index_loss;
}

// The MTP block's input from the final streams and the embedding of the token after.
struct Draft {
    half *e = nullptr, *h = nullptr; // normed operands
    float *e_inverse = nullptr, *h_inverse = nullptr, *streams = nullptr;
};
Draft draftInput(Arena& arena, int T, const Table& model, const Table& t, const BlockWeights& w,
                 const int64_t* following, const float* streams) {
    Draft d;
    d.e = arena.take<half>(int64_t(T) * DIM), d.h = arena.take<half>(int64_t(T) * WIDE);
    d.e_inverse = arena.take<float>(T), d.h_inverse = arena.take<float>(int64_t(T) * STREAMS);
    d.streams = arena.take<float>(int64_t(T) * WIDE);
    Scratch scratch(arena);
    float* e = arena.take<float>(int64_t(T) * DIM);
    float y[DIM];
    for (int64_t i = 0; i < T; ++i) {
        d.e_inverse[i] = normed(model.w(EMBED) + following[i] * DIM, t.w(E_NORM), DIM, y);
        narrowed(y, d.e + i * DIM, DIM);
    }
    for (int64_t i = 0; i < int64_t(T) * STREAMS; ++i) {
        d.h_inverse[i] = normed(streams + i * DIM, t.w(H_NORM), DIM, y);
        narrowed(y, d.h + i * DIM, DIM);
    }
    w.e_proj.apply(d.e, DIM, e, DIM, T);
    w.h_proj.apply(d.h, DIM, d.streams, DIM, T * STREAMS);
    for (int64_t i = 0; i < T; ++i)
        for (int n = 0; n < STREAMS; ++n)
            for (int k = 0; k < DIM; ++k)
                d.streams[(i * STREAMS + n) * DIM + k] += e[i * DIM + k];
    return d;
}

void draftInputBack(Arena& arena, int T, const Table& model, const Table& t, const BlockWeights& w, const Draft& d,
                    const int64_t* following, const float* streams, const float* g, float* dstreams) {
    Scratch scratch(arena);
    half* gh = arena.take<half>(int64_t(T) * WIDE);
    half* ge = arena.take<half>(int64_t(T) * DIM);
    float* dh = arena.take<float>(int64_t(T) * WIDE);
    float* de = arena.take<float>(int64_t(T) * DIM);
    narrowed(g, gh, int64_t(T) * WIDE);
    for (int64_t i = 0; i < T; ++i)
        for (int k = 0; k < DIM; ++k)
            ge[i * DIM + k] =
                narrow(g[i * WIDE + k] + g[i * WIDE + DIM + k] + g[i * WIDE + 2 * DIM + k] + g[i * WIDE + 3 * DIM + k]);
    w.e_proj.applyBack(ge, DIM, de, DIM, T);
    w.h_proj.applyBack(gh, DIM, dh, DIM, T * STREAMS);
    weightGradient(arena, ge, DIM, d.e, DIM, t.g(E_PROJ), T, DIM, DIM);
    weightGradient(arena, gh, DIM, d.h, DIM, t.g(H_PROJ), T * STREAMS, DIM, DIM);
    float y[DIM];
    for (int64_t i = 0; i < T; ++i) {
        normedBack(model.w(EMBED) + following[i] * DIM, t.w(E_NORM), d.e_inverse[i], DIM, de + i * DIM, y, t.g(E_NORM));
        float* to = model.g(EMBED) + following[i] * DIM;
        for (int k = 0; k < DIM; ++k)
            to[k] += y[k];
    }
    for (int64_t i = 0; i < int64_t(T) * STREAMS; ++i) {
        normedBack(streams + i * DIM, t.w(H_NORM), d.h_inverse[i], DIM, dh + i * DIM, y, t.g(H_NORM));
        for (int k = 0; k < DIM; ++k)
            dstreams[i * DIM + k] += y[k];
    }
}

struct State {
    Arena kept, work;
    std::vector<BlockWeights> blocks;
    Weight head;
    int64_t packed = -1; // the version of the weights that is packed
};
} // namespace

// What Python hands over; step.py declares the same. Blocks are the layers and then, if there is one, the MTP block.
struct Piece {
    int32_t layers, with_draft, rows, length, reach, rounds, sparse, asked_count, counted, draft_rows, draft_counted,
        pad;
    int64_t version; // of the weights
    const int32_t *ratios, *asked, *counted_tokens, *draft_tokens;
    const int64_t *ids, *following, *targets,
        *draft_targets;    // [rows, length], [draft_rows, length], [counted], [draft_counted]
    const uint8_t* recall; // [counted]
    const float *plain_cosine, *plain_sine, *compressed_cosine, *compressed_sine;
    const float* weights;
    float* gradients;
    const int64_t* offsets;           // [1 + blocks, PARAMETERS]: of the model, of each block
    const int64_t* const* tables;     // [blocks], null where routing goes by score
    const float* const* biases;       // [blocks]
    float* loads;                     // [blocks, EXPERTS]
    float share;                      // of this piece in the step
    float draft_share, balance_share; // of those losses in the total
    float* figures;                   // loss, draft loss, indexer loss, right, asked
};

void train(State& s, const Piece& p) {
    const int blocks = p.layers + p.with_draft;
    std::vector<Table> tables;
    for (int i = 0; i <= blocks; ++i)
        tables.push_back({p.weights, p.gradients, p.offsets + int64_t(i) * PARAMETERS});
    const Table& model = tables[0];
    if (s.packed != p.version) {
        s.work.reset();
        s.blocks.resize(size_t(blocks));
        for (int i = 0; i < blocks; ++i) {
            BlockWeights& w = s.blocks[size_t(i)];
            const Table& t = tables[size_t(i) + 1];
            pack(s.kept, s.work, {{t.w(HC_ATTN_FN), MIX}}, WIDE, w.hc_attn);
            pack(s.kept, s.work, {{t.w(HC_FFN_FN), MIX}}, WIDE, w.hc_ffn);
            w.attention.pack(s.kept, s.work, t, i < p.layers ? p.ratios[i] : 0);
            w.experts.pack(s.kept, s.work, t);
            if (i == p.layers) {
                pack(s.kept, s.work, {{t.w(E_PROJ), DIM}}, DIM, w.e_proj);
                pack(s.kept, s.work, {{t.w(H_PROJ), DIM}}, DIM, w.h_proj);
            }
        }
        pack(s.kept, s.work, {{model.w(HEAD_WEIGHT), VOCAB}}, DIM, s.head);
        s.packed = p.version;
    }
    s.work.reset();
    const auto indexed = std::count(p.ratios, p.ratios + p.layers, 4);
    const float index_share = p.share / float(std::max<int64_t>(1, indexed));
    Run run{p.rows,
            p.length,
            p.reach,
            p.rounds,
            p.sparse != 0,
            p.asked,
            p.asked_count,
            index_share,
            p.share * p.balance_share,
            {p.plain_cosine, p.plain_sine},
            {p.compressed_cosine, p.compressed_sine},
            &s.work};
    const int64_t T = run.tokens();
    const auto routing = [&](int i) { return Routing{p.tables[i], p.biases[i], p.loads + int64_t(i) * EXPERTS}; };
    float* streams = s.work.take<float>(T * WIDE);
    for (int64_t t = 0; t < T; ++t)
        for (int n = 0; n < STREAMS; ++n)
            std::copy_n(model.w(EMBED) + p.ids[t] * DIM, DIM, streams + t * WIDE + n * DIM);
    std::vector<Block> passed;
    for (int i = 0; i < p.layers; ++i) {
        float* out = s.work.take<float>(T * WIDE);
        passed.push_back(
            forward(run, tables[size_t(i) + 1], s.blocks[size_t(i)], p.ratios[i], routing(i), p.ids, streams, out));
        streams = out;
    }
    float* g = s.work.zeros<float>(T * WIDE);
    float* dhead = model.g(HEAD_WEIGHT);
    const HeadFigures main =
        headLoss(s.work, model, s.head, dhead, streams, {p.counted_tokens, p.targets, p.recall, p.counted}, p.share, g);
    p.figures[0] = main.loss, p.figures[3] = float(main.right), p.figures[4] = float(main.asked);
    if (p.with_draft && p.draft_rows) {
        Scratch scratch(s.work);
        Run sub = run;
        sub.rows = p.draft_rows, sub.asked_count = 0;
        const Table& t = tables.back();
        const BlockWeights& w = s.blocks.back();
        const Draft draft = draftInput(s.work, sub.tokens(), model, t, w, p.following, streams);
        float* out = s.work.take<float>(int64_t(sub.tokens()) * WIDE);
        const Block block = forward(sub, t, w, 0, routing(p.layers), p.following, draft.streams, out);
        float* d = s.work.zeros<float>(int64_t(sub.tokens()) * WIDE);
        p.figures[1] = headLoss(s.work, t, s.head, dhead, out,
                                {p.draft_tokens, p.draft_targets, nullptr, p.draft_counted}, p.share * p.draft_share, d)
                           .loss;
        backward(sub, t, w, block, d);
        draftInputBack(s.work, sub.tokens(), model, t, w, draft, p.following, streams, d, g);
    }
    float index_loss = 0;
    for (int i = p.layers - 1; i >= 0; --i)
        index_loss += backward(run, tables[size_t(i) + 1], s.blocks[size_t(i)], passed[size_t(i)], g);
    p.figures[2] = index_loss / float(std::max<int64_t>(1, indexed));
    for (int64_t t = 0; t < T; ++t)
        for (int n = 0; n < STREAMS; ++n)
            for (int k = 0; k < DIM; ++k)
                model.g(EMBED)[p.ids[t] * DIM + k] += g[t * WIDE + n * DIM + k];
}

// What one process keeps between pieces; never freed.
extern "C" void* step_new() {
    return new State;
}
extern "C" void step_piece(void* state, const Piece* p) {
    startTiles(); // other libraries of the process may use the tiles in their own way
    train(*static_cast<State*>(state), *p);
}
extern "C" int32_t step_parameters() {
    return PARAMETERS;
}
} // namespace step
