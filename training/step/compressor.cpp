#include "compressor.h"

#include "norms.h"

#include <algorithm>

namespace step {
namespace {
constexpr int LANES = 16, MOST = 128;

// Where member i of entry e stands: its token in the row, and the first of its channels in value, gate and ape.
struct Member {
    int token, channel, slot; // token -1: there is none
};
inline Member member(const Compressor& c, int e, int i) {
    if (c.ratio != 4)
        return {e * c.ratio + i, 0, i};
    if (i < 4)
        return {e ? (e - 1) * 4 + i : -1, 0, i};
    return {e * 4 + i - 4, c.width, i - 4};
}

// Softmax over the members of one entry in 16 channels from `from` on; returns the pooled values.
struct Weights {
    float v[MOST][LANES];
};
inline void weigh(const Compressor& c, int e, const float* gate, int64_t ld, int from, Weights& w) {
    float top[LANES], sum[LANES] = {};
    std::fill(top, top + LANES, -1e30f);
    for (int i = 0; i < c.members(); ++i) {
        const Member m = member(c, e, i);
        const float* g = gate + m.token * ld + m.channel + from;
        const float* a = c.ape + int64_t(m.slot) * c.span() + m.channel + from;
        for (int l = 0; l < LANES; ++l) {
            w.v[i][l] = m.token < 0 ? -1e30f : g[l] + a[l];
            top[l] = std::max(top[l], w.v[i][l]);
        }
    }
    for (int i = 0; i < c.members(); ++i)
        for (int l = 0; l < LANES; ++l)
            sum[l] += w.v[i][l] = w.v[i][l] < -1e29f ? 0.0f : quickExp(w.v[i][l] - top[l]);
    for (int i = 0; i < c.members(); ++i)
        for (int l = 0; l < LANES; ++l)
            w.v[i][l] /= sum[l];
}
} // namespace

Entries compress(const Run& run, const Compressor& c, const float* value, const float* gate, int64_t ld) {
    Entries out;
    out.count = run.length / c.ratio;
    out.room = (out.count + 31) / 32 * 32;
    out.pooled = run.arena->take<float>(int64_t(run.rows) * out.count * c.width);
    out.inverse = run.arena->take<float>(int64_t(run.rows) * out.count);
    out.values = run.arena->zeros<half>(int64_t(run.rows) * out.room * c.width);
    Weights w;
    std::vector<float> y(size_t(c.width));
    for (int b = 0; b < run.rows; ++b)
        for (int e = 0; e < out.count; ++e) {
            const int64_t at = int64_t(b) * out.count + e, row = int64_t(b) * run.length;
            float* pooled = out.pooled + at * c.width;
            for (int from = 0; from < c.width; from += LANES) {
                weigh(c, e, gate + row * ld, ld, from, w);
                float sum[LANES] = {};
                for (int i = 0; i < c.members(); ++i) {
                    const Member m = member(c, e, i);
                    if (m.token < 0)
                        continue;
                    const float* v = value + (row + m.token) * ld + m.channel + from;
                    for (int l = 0; l < LANES; ++l)
                        sum[l] += w.v[i][l] * v[l];
                }
                std::copy(sum, sum + LANES, pooled + from);
            }
            out.inverse[at] = normed(pooled, c.norm, c.width, y.data());
            const int64_t position = int64_t(e) * c.ratio * (ROPE / 2);
            turn(y.data(), c.width, run.compressed.cosine + position, run.compressed.sine + position, 1);
            narrowed(y.data(), out.values + (int64_t(b) * out.room + e) * c.width, c.width);
        }
    return out;
}

void compressBack(const Run& run, const Compressor& c, const Entries& out, const float* value, const float* gate,
                  int64_t ld, float* dentries, half* dvalue, half* dgate, int64_t ldd, float* dape, float* dnorm) {
    Weights w;
    for (int64_t t = 0; t < run.tokens(); ++t) { // the last window's first half belongs to no entry
        std::memset(static_cast<void*>(dvalue + t * ldd), 0, size_t(c.span()) * sizeof(half));
        std::memset(static_cast<void*>(dgate + t * ldd), 0, size_t(c.span()) * sizeof(half));
    }
    for (int b = 0; b < run.rows; ++b)
        for (int e = 0; e < out.count; ++e) {
            const int64_t at = int64_t(b) * out.count + e, row = int64_t(b) * run.length;
            float* d = dentries + (int64_t(b) * out.room + e) * c.width;
            const float* pooled = out.pooled + at * c.width;
            const int64_t position = int64_t(e) * c.ratio * (ROPE / 2);
            turn(d, c.width, run.compressed.cosine + position, run.compressed.sine + position, -1);
            normedBack(pooled, c.norm, out.inverse[at], c.width, d, d, dnorm);
            for (int from = 0; from < c.width; from += LANES) {
                weigh(c, e, gate + row * ld, ld, from, w);
                for (int i = 0; i < c.members(); ++i) {
                    const Member m = member(c, e, i);
                    if (m.token < 0)
                        continue;
                    const int64_t t = row + m.token, channel = m.channel + from;
                    const float* v = value + t * ld + channel;
                    float* da = dape + int64_t(m.slot) * c.span() + channel;
                    for (int l = 0; l < LANES; ++l) {
                        const float share = w.v[i][l] * d[from + l], pull = share * (v[l] - pooled[from + l]);
                        dvalue[t * ldd + channel + l] = narrow(share);
                        dgate[t * ldd + channel + l] = narrow(pull);
                        da[l] += pull;
                    }
                }
            }
        }
}
} // namespace step
