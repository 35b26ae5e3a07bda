#include "streams.h"

namespace step {
namespace {
constexpr int N = STREAMS, K = N * N, LANES = 16;

struct Lanes {
    float v[LANES];
};
using Matrix = Lanes[K]; // 16 tokens at once

// Divides by sums over sources (columns) or over targets (rows).
inline void normalise(const Matrix& from, Matrix& to, bool over_sources) {
    for (int i = 0; i < N; ++i) {
        Lanes sum{};
        for (int j = 0; j < N; ++j) {
            const Lanes& c = from[over_sources ? j * N + i : i * N + j];
            for (int l = 0; l < LANES; ++l)
                sum.v[l] += c.v[l];
        }
        for (int l = 0; l < LANES; ++l)
            sum.v[l] = 1.0f / (sum.v[l] + HC_EPS);
        for (int j = 0; j < N; ++j) {
            const int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l)
                to[at].v[l] = from[at].v[l] * sum.v[l];
        }
    }
}

// Gradient of normalise: d (of `to`) becomes that of `from`.
inline void normaliseBack(const Matrix& from, Matrix& d, bool over_sources) {
    for (int i = 0; i < N; ++i) {
        Lanes sum{}, dot{};
        for (int j = 0; j < N; ++j) {
            const int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l) {
                sum.v[l] += from[at].v[l];
                dot.v[l] += from[at].v[l] * d[at].v[l];
            }
        }
        for (int l = 0; l < LANES; ++l) {
            sum.v[l] = 1.0f / (sum.v[l] + HC_EPS);
            dot.v[l] *= sum.v[l] * sum.v[l];
        }
        for (int j = 0; j < N; ++j) {
            const int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l)
                d[at].v[l] = d[at].v[l] * sum.v[l] - dot.v[l];
        }
    }
}

// Softmax over targets plus eps, from logits.
inline void startMixing(const Matrix& logits, Matrix& out) {
    for (int i = 0; i < N; ++i) {
        Lanes top = logits[i * N], sum{};
        for (int j = 1; j < N; ++j)
            for (int l = 0; l < LANES; ++l)
                top.v[l] = top.v[l] > logits[i * N + j].v[l] ? top.v[l] : logits[i * N + j].v[l];
        for (int j = 0; j < N; ++j)
            for (int l = 0; l < LANES; ++l)
                sum.v[l] += out[i * N + j].v[l] = quickExp(logits[i * N + j].v[l] - top.v[l]);
        for (int l = 0; l < LANES; ++l)
            sum.v[l] = 1.0f / sum.v[l];
        for (int j = 0; j < N; ++j)
            for (int l = 0; l < LANES; ++l)
                out[i * N + j].v[l] = out[i * N + j].v[l] * sum.v[l] + HC_EPS;
    }
}

inline void mixingLogits(const Read& read, const ReadWeights& w, int t0, int live, Matrix& a) {
    for (int l = 0; l < live; ++l) {
        const float* m = read.raw + int64_t(t0 + l) * MIX_ROOM + 2 * N;
        const float r = read.inverse[t0 + l] * w.scale[2];
        for (int k = 0; k < K; ++k)
            a[k].v[l] = m[k] * r + w.base[2 * N + k];
    }
}

inline float squares(const float* v, int n) {
    float sum = 0;
    for (int i = 0; i < n; ++i)
        sum += v[i] * v[i];
    return sum;
}

inline void blended(const float* s, const float* p, float* y) {
    for (int d = 0; d < DIM; ++d)
        y[d] = p[0] * s[d] + p[1] * s[DIM + d] + p[2] * s[2 * DIM + d] + p[3] * s[3 * DIM + d];
}
} // namespace

Read readStreams(Arena& arena, int T, const float* streams, int rounds, const ReadWeights& w, float* x) {
    Read out;
    out.streams = streams;
    out.operand = arena.take<half>(int64_t(T) * WIDE);
    out.raw = arena.take<float>(int64_t(T) * MIX_ROOM);
    out.inverse = arena.take<float>(T);
    out.inner = arena.take<float>(T);
    out.split = arena.take<float>(int64_t(T) * MIX);
    for (int t = 0; t < T; ++t) {
        const float* s = streams + int64_t(t) * WIDE;
        narrowed(s, out.operand + int64_t(t) * WIDE, WIDE);
        out.inverse[t] = 1.0f / std::sqrt(squares(s, WIDE) / WIDE + NORM_EPS);
    }
    w.fn.apply(out.operand, WIDE, out.raw, MIX_ROOM, T);
    for (int t0 = 0; t0 < T; t0 += LANES) {
        const int live = T - t0 < LANES ? T - t0 : LANES;
        Matrix a{}, b;
        mixingLogits(out, w, t0, live, a);
        startMixing(a, b);
        normalise(b, b, true);
        for (int i = 1; i < rounds; ++i) {
            normalise(b, b, false);
            normalise(b, b, true);
        }
        for (int l = 0; l < live; ++l) {
            const int64_t t = t0 + l;
            const float* m = out.raw + t * MIX_ROOM;
            float* split = out.split + t * MIX;
            for (int k = 0; k < 2 * N; ++k)
                split[k] = sigmoid(m[k] * out.inverse[t] * w.scale[k / N] + w.base[k]);
            for (int k = 0; k < N; ++k) {
                split[k] += HC_EPS;
                split[N + k] *= 2;
            }
            for (int k = 0; k < K; ++k)
                split[2 * N + k] = b[k].v[l];
            float* y = x + t * DIM;
            blended(streams + t * WIDE, split, y);
            const float r = out.inner[t] = 1.0f / std::sqrt(squares(y, DIM) / DIM + NORM_EPS);
            for (int d = 0; d < DIM; ++d)
                y[d] *= r * w.norm[d];
        }
    }
    return out;
}

void readStreamsBack(Arena& arena, int T, const Read& read, int rounds, const ReadWeights& w, const float* dx,
                     const float* dsplit, float* dstreams, const ReadGradients& g) {
    Scratch scratch(arena);
    half* draw = arena.zeros<half>(int64_t(T) * MIX_ROOM);
    auto kept = reinterpret_cast<Matrix*>(arena.take<float>(int64_t(2) * MOST_ROUNDS * K * LANES));
    float dnorm[DIM] = {};
    for (int t0 = 0; t0 < T; t0 += LANES) {
        const int live = T - t0 < LANES ? T - t0 : LANES;
        Matrix a{}, soft, d{};
        float dpre[LANES][N];
        float y[LANES][DIM];
        for (int l = 0; l < live; ++l) {
            const int64_t t = t0 + l;
            const float *s = read.streams + t * WIDE, *p = read.split + t * MIX, *q = dx + t * DIM;
            blended(s, p, y[l]);
            const float r = read.inner[t];
            float dot = 0;
            for (int i = 0; i < DIM; ++i)
                dot += q[i] * w.norm[i] * y[l][i];
            dot *= r * r / DIM;
            float p0 = 0, p1 = 0, p2 = 0, p3 = 0;
            for (int i = 0; i < DIM; ++i) {
                dnorm[i] += q[i] * y[l][i] * r;
                const float b = y[l][i] = r * (q[i] * w.norm[i] - y[l][i] * dot);
                p0 += b * s[i];
                p1 += b * s[DIM + i];
                p2 += b * s[2 * DIM + i];
                p3 += b * s[3 * DIM + i];
            }
            dpre[l][0] = p0, dpre[l][1] = p1, dpre[l][2] = p2, dpre[l][3] = p3;
            for (int k = 0; k < K; ++k)
                d[k].v[l] = dsplit[t * MIX + 2 * N + k];
        }
        mixingLogits(read, w, t0, live, a);
        startMixing(a, kept[0]);
        std::memcpy(&soft, &kept[0], sizeof soft);
        const int steps = 2 * rounds - 1; // kept[i] is what the i-th division starts from; sources first, then in turn
        for (int i = 0; i + 1 < steps; ++i)
            normalise(kept[i], kept[i + 1], i % 2 == 0);
        for (int i = steps - 1; i >= 0; --i)
            normaliseBack(kept[i], d, i % 2 == 0);
        for (int i = 0; i < N; ++i) { // through the softmax
            Lanes dot{};
            for (int j = 0; j < N; ++j)
                for (int l = 0; l < LANES; ++l)
                    dot.v[l] += d[i * N + j].v[l] * (soft[i * N + j].v[l] - HC_EPS);
            for (int j = 0; j < N; ++j)
                for (int l = 0; l < LANES; ++l)
                    d[i * N + j].v[l] = (soft[i * N + j].v[l] - HC_EPS) * (d[i * N + j].v[l] - dot.v[l]);
        }
        for (int l = 0; l < live; ++l) {
            const int64_t t = t0 + l;
            const float *m = read.raw + t * MIX_ROOM, *p = read.split + t * MIX;
            const float r = read.inverse[t];
            float z[MIX];
            for (int k = 0; k < N; ++k) {
                const float q = p[k] - HC_EPS, h = p[N + k] / 2;
                z[k] = dpre[l][k] * q * (1 - q);
                z[N + k] = dsplit[t * MIX + N + k] * 2 * h * (1 - h);
            }
            for (int k = 0; k < K; ++k)
                z[2 * N + k] = d[k].v[l];
            float dr = 0;
            const int starts[] = {0, N, 2 * N, MIX};
            for (int part = 0; part < 3; ++part) {
                float sum = 0;
                for (int k = starts[part]; k < starts[part + 1]; ++k) {
                    g.base[k] += z[k];
                    sum += z[k] * m[k];
                    draw[t * MIX_ROOM + k] = narrow(z[k] * r * w.scale[part]);
                }
                g.scale[part] += sum * r;
                dr += sum * w.scale[part];
            }
            const float pull = -dr * r * r * r / WIDE;
            const float* s = read.streams + t * WIDE;
            float* out = dstreams + t * WIDE;
            for (int n = 0; n < N; ++n)
                for (int i = 0; i < DIM; ++i)
                    out[n * DIM + i] += p[n] * y[l][i] + pull * s[n * DIM + i];
        }
    }
    for (int i = 0; i < DIM; ++i)
        g.norm[i] += dnorm[i];
    w.fn.applyBack(draw, MIX_ROOM, dstreams, WIDE, T, true);
    weightGradient(arena, draw, MIX_ROOM, read.operand, WIDE, g.fn, T, MIX, WIDE);
}

void writeStreams(int T, const float* y, const float* streams, const float* split, float* out) {
    for (int64_t t = 0; t < T; ++t) {
        const float *s = streams + t * WIDE, *p = split + t * MIX, *u = y + t * DIM, *c = p + 2 * N;
        for (int k = 0; k < N; ++k) {
            float* o = out + t * WIDE + k * DIM;
            const float w = p[N + k], c0 = c[k], c1 = c[N + k], c2 = c[2 * N + k], c3 = c[3 * N + k];
            for (int d = 0; d < DIM; ++d)
                o[d] = w * u[d] + c0 * s[d] + c1 * s[DIM + d] + c2 * s[2 * DIM + d] + c3 * s[3 * DIM + d];
        }
    }
}

void writeStreamsBack(int T, const float* y, const float* streams, const float* split, const float* g, float* dy,
                      float* dstreams, float* dsplit) {
    for (int64_t t = 0; t < T; ++t) {
        const float *s = streams + t * WIDE, *p = split + t * MIX, *u = y + t * DIM, *q = g + t * WIDE, *c = p + 2 * N;
        float *out = dstreams + t * WIDE, *dp = dsplit + t * MIX, *dv = dy + t * DIM;
        const float w0 = p[N], w1 = p[N + 1], w2 = p[N + 2], w3 = p[N + 3];
        for (int d = 0; d < DIM; ++d)
            dv[d] = w0 * q[d] + w1 * q[DIM + d] + w2 * q[2 * DIM + d] + w3 * q[3 * DIM + d];
        for (int i = 0; i < N; ++i) {
            const float c0 = c[i * N], c1 = c[i * N + 1], c2 = c[i * N + 2], c3 = c[i * N + 3];
            for (int d = 0; d < DIM; ++d)
                out[i * DIM + d] = c0 * q[d] + c1 * q[DIM + d] + c2 * q[2 * DIM + d] + c3 * q[3 * DIM + d];
        }
        for (int k = 0; k < N; ++k) {
            const float* o = q + k * DIM;
            float a = 0, m0 = 0, m1 = 0, m2 = 0, m3 = 0;
            for (int d = 0; d < DIM; ++d) {
                a += o[d] * u[d];
                m0 += o[d] * s[d];
                m1 += o[d] * s[DIM + d];
                m2 += o[d] * s[2 * DIM + d];
                m3 += o[d] * s[3 * DIM + d];
            }
            dp[k] = 0;
            dp[N + k] = a;
            dp[2 * N + k] = m0, dp[3 * N + k] = m1, dp[4 * N + k] = m2, dp[5 * N + k] = m3;
        }
    }
}
} // namespace step
