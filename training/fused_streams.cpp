// Fused CPU kernels of the training: hyper-connections, forward and backward, and the gated activation of the experts.
// Plain PyTorch does the same in v4.py; the tests compare the two. Built on first use by fused.py (g++, -march=native).
// Arrays are dense float32, tokens first. split is [T, 24]: 4 reading weights, 4 writing weights, 16 mixing weights
// (source, target).
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {
constexpr int N = 4, K = N * N, LANES = 16, MIX = 2 * N + K, MOST_ROUNDS = 20;

struct Lanes {
    float v[LANES];
};
using Matrix = Lanes[K];

inline float sigmoid(float x) {
    return 1.0f / (1.0f + std::exp(-x));
}

// Divides by sums over sources (columns) or over targets (rows).
inline void normalise(const Matrix& from, Matrix& to, bool over_sources, float eps) {
    for (int i = 0; i < N; ++i) {
        Lanes sum{};
        for (int j = 0; j < N; ++j) {
            const Lanes& c = from[over_sources ? j * N + i : i * N + j];
            for (int l = 0; l < LANES; ++l)
                sum.v[l] += c.v[l];
        }
        for (int l = 0; l < LANES; ++l)
            sum.v[l] = 1.0f / (sum.v[l] + eps);
        for (int j = 0; j < N; ++j) {
            int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l)
                to[at].v[l] = from[at].v[l] * sum.v[l];
        }
    }
}

// Gradient of normalise: d (of `to`) becomes that of `from`.
inline void normalise_back(const Matrix& from, Matrix& d, bool over_sources, float eps) {
    for (int i = 0; i < N; ++i) {
        Lanes sum{}, dot{};
        for (int j = 0; j < N; ++j) {
            int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l) {
                sum.v[l] += from[at].v[l];
                dot.v[l] += from[at].v[l] * d[at].v[l];
            }
        }
        for (int l = 0; l < LANES; ++l) {
            sum.v[l] = 1.0f / (sum.v[l] + eps);
            dot.v[l] *= sum.v[l] * sum.v[l];
        }
        for (int j = 0; j < N; ++j) {
            int at = over_sources ? j * N + i : i * N + j;
            for (int l = 0; l < LANES; ++l)
                d[at].v[l] = d[at].v[l] * sum.v[l] - dot.v[l];
        }
    }
}

// Softmax over targets plus eps, from logits.
inline void start_mixing(const Matrix& logits, Matrix& out, float eps) {
    for (int i = 0; i < N; ++i)
        for (int l = 0; l < LANES; ++l) {
            float top = logits[i * N].v[l];
            for (int j = 1; j < N; ++j)
                top = std::fmax(top, logits[i * N + j].v[l]);
            float e[N], sum = 0;
            for (int j = 0; j < N; ++j)
                sum += e[j] = std::exp(logits[i * N + j].v[l] - top);
            for (int j = 0; j < N; ++j)
                out[i * N + j].v[l] = e[j] / sum + eps;
        }
}
} // namespace

extern "C" {

// raw [T, 24] = streams x fn; writes inverse norms [T], split [T, 24], x [T, D] normed with weight, and the blend's
// inverse norm [T].
void hc_pre(int64_t T, int64_t D, const float* streams, const float* raw, const float* scale, const float* base,
            const float* weight, int rounds, float eps, float norm_eps, float* inverse, float* split, float* x,
            float* inner) {
    for (int64_t t0 = 0; t0 < T; t0 += LANES) {
        const int live = int(T - t0 < LANES ? T - t0 : LANES);
        Matrix a{}, b{};
        for (int l = 0; l < live; ++l) {
            const float* s = streams + (t0 + l) * N * D;
            float sum = 0;
            for (int64_t d = 0; d < N * D; ++d)
                sum += s[d] * s[d];
            const float r = inverse[t0 + l] = 1.0f / std::sqrt(sum / float(N * D) + norm_eps);
            const float* m = raw + (t0 + l) * MIX;
            float* out = split + (t0 + l) * MIX;
            for (int k = 0; k < N; ++k)
                out[k] = sigmoid(m[k] * r * scale[0] + base[k]) + eps;
            for (int k = N; k < 2 * N; ++k)
                out[k] = 2 * sigmoid(m[k] * r * scale[1] + base[k]);
            for (int k = 0; k < K; ++k)
                a[k].v[l] = m[2 * N + k] * r * scale[2] + base[2 * N + k];
        }
        start_mixing(a, b, eps);
        normalise(b, b, true, eps);
        for (int i = 1; i < rounds; ++i) {
            normalise(b, b, false, eps);
            normalise(b, b, true, eps);
        }
        for (int l = 0; l < live; ++l) {
            float* out = split + (t0 + l) * MIX;
            for (int k = 0; k < K; ++k)
                out[2 * N + k] = b[k].v[l];
            const float* s = streams + (t0 + l) * N * D;
            float* y = x + (t0 + l) * D;
            float sum = 0;
            for (int64_t d = 0; d < D; ++d) {
                y[d] = out[0] * s[d] + out[1] * s[D + d] + out[2] * s[2 * D + d] + out[3] * s[3 * D + d];
                sum += y[d] * y[d];
            }
            const float r = inner[t0 + l] = 1.0f / std::sqrt(sum / float(D) + norm_eps);
            for (int64_t d = 0; d < D; ++d)
                y[d] *= r * weight[d];
        }
    }
}

// dsplit's first four entries of each token are not read. dscale [3], dbase [24] and dweight [D] are added to.
void hc_pre_back(int64_t T, int64_t D, const float* streams, const float* raw, const float* scale, const float* base,
                 const float* weight, int rounds, float eps, const float* inverse, const float* split,
                 const float* inner, const float* dx, const float* dsplit, float* dstreams, float* draw, float* dscale,
                 float* dbase, float* dweight) {
    static thread_local Matrix kept[2 * MOST_ROUNDS];
    static thread_local float blend[LANES * 4096];
    for (int64_t t0 = 0; t0 < T; t0 += LANES) {
        const int live = int(T - t0 < LANES ? T - t0 : LANES);
        Matrix a{}, soft{}, d{};
        float dpre[LANES][N];
        for (int l = 0; l < live; ++l) {
            const float* s = streams + (t0 + l) * N * D;
            const float* p = split + (t0 + l) * MIX;
            const float* g = dx + (t0 + l) * D;
            float* y = blend + l * D;
            const float r = inner[t0 + l];
            float dot = 0;
            for (int64_t i = 0; i < D; ++i) {
                y[i] = p[0] * s[i] + p[1] * s[D + i] + p[2] * s[2 * D + i] + p[3] * s[3 * D + i];
                dot += g[i] * weight[i] * y[i];
            }
            dot *= r * r / float(D);
            float p0 = 0, p1 = 0, p2 = 0, p3 = 0;
            for (int64_t i = 0; i < D; ++i) {
                dweight[i] += g[i] * y[i] * r;
                const float q = y[i] = r * (g[i] * weight[i] - y[i] * dot);
                p0 += q * s[i];
                p1 += q * s[D + i];
                p2 += q * s[2 * D + i];
                p3 += q * s[3 * D + i];
            }
            dpre[l][0] = p0, dpre[l][1] = p1, dpre[l][2] = p2, dpre[l][3] = p3;
            const float* m = raw + (t0 + l) * MIX;
            for (int k = 0; k < K; ++k) {
                a[k].v[l] = m[2 * N + k] * inverse[t0 + l] * scale[2] + base[2 * N + k];
                d[k].v[l] = dsplit[(t0 + l) * MIX + 2 * N + k];
            }
        }
        start_mixing(a, kept[0], eps);
        std::memcpy(&soft, &kept[0], sizeof soft);
        int steps = 1;
        normalise(kept[0], kept[1], true, eps);
        for (int i = 1; i < rounds; ++i, steps += 2) {
            normalise(kept[steps], kept[steps + 1], false, eps);
            if (i + 1 < rounds)
                normalise(kept[steps + 1], kept[steps + 2], true, eps);
        }
        // kept[0] is before the first division; divisions alternate sources, targets, sources, ...
        for (int i = 2 * rounds - 2; i >= 0; --i)
            normalise_back(kept[i], d, i % 2 == 0, eps);
        for (int l = 0; l < live; ++l) {
            const int64_t t = t0 + l;
            const float* m = raw + t * MIX;
            const float* p = split + t * MIX;
            const float r = inverse[t];
            float z[MIX];
            for (int k = 0; k < N; ++k) {
                const float q = p[k] - eps;
                z[k] = dpre[l][k] * q * (1 - q);
                const float h = p[N + k] / 2;
                z[N + k] = dsplit[t * MIX + N + k] * 2 * h * (1 - h);
            }
            for (int i = 0; i < N; ++i) {
                float dot = 0;
                for (int j = 0; j < N; ++j)
                    dot += d[i * N + j].v[l] * (soft[i * N + j].v[l] - eps);
                for (int j = 0; j < N; ++j)
                    z[2 * N + i * N + j] = (soft[i * N + j].v[l] - eps) * (d[i * N + j].v[l] - dot);
            }
            float dr = 0;
            for (int k = 0; k < MIX; ++k) {
                const int group = k < N ? 0 : k < 2 * N ? 1 : 2;
                dbase[k] += z[k];
                dscale[group] += z[k] * m[k] * r;
                draw[t * MIX + k] = z[k] * r * scale[group];
                dr += z[k] * m[k] * scale[group];
            }
            const float pull = -dr * r * r * r / float(N * D);
            const float* s = streams + t * N * D;
            float* out = dstreams + t * N * D;
            const float* y = blend + l * D;
            for (int n = 0; n < N; ++n)
                for (int64_t i = 0; i < D; ++i)
                    out[n * D + i] = p[n] * y[i] + pull * s[n * D + i];
        }
    }
}

void hc_post(int64_t T, int64_t D, const float* y, const float* streams, const float* split, float* out) {
    for (int64_t t = 0; t < T; ++t) {
        const float *s = streams + t * N * D, *p = split + t * MIX, *u = y + t * D, *c = p + 2 * N;
        for (int k = 0; k < N; ++k) {
            float* o = out + (t * N + k) * D;
            for (int64_t d = 0; d < D; ++d)
                o[d] = p[N + k] * u[d] + c[k] * s[d] + c[N + k] * s[D + d] + c[2 * N + k] * s[2 * D + d] +
                       c[3 * N + k] * s[3 * D + d];
        }
    }
}

void hc_post_back(int64_t T, int64_t D, const float* y, const float* streams, const float* split, const float* g,
                  float* dy, float* dstreams, float* dsplit) {
    for (int64_t t = 0; t < T; ++t) {
        const float *s = streams + t * N * D, *p = split + t * MIX, *u = y + t * D, *q = g + t * N * D, *c = p + 2 * N;
        float* out = dstreams + t * N * D;
        float* dp = dsplit + t * MIX;
        for (int64_t d = 0; d < D; ++d)
            dy[t * D + d] = p[N] * q[d] + p[N + 1] * q[D + d] + p[N + 2] * q[2 * D + d] + p[N + 3] * q[3 * D + d];
        for (int i = 0; i < N; ++i)
            for (int64_t d = 0; d < D; ++d)
                out[i * D + d] = c[i * N] * q[d] + c[i * N + 1] * q[D + d] + c[i * N + 2] * q[2 * D + d] +
                                 c[i * N + 3] * q[3 * D + d];
        for (int k = 0; k < N; ++k) {
            const float* o = q + k * D;
            float a = 0, m0 = 0, m1 = 0, m2 = 0, m3 = 0;
            for (int64_t d = 0; d < D; ++d) {
                a += o[d] * u[d];
                m0 += o[d] * s[d];
                m1 += o[d] * s[D + d];
                m2 += o[d] * s[2 * D + d];
                m3 += o[d] * s[3 * D + d];
            }
            dp[k] = 0;
            dp[N + k] = a;
            dp[2 * N + k] = m0, dp[3 * N + k] = m1, dp[4 * N + k] = m2, dp[5 * N + k] = m3;
        }
    }
}

// h [T, I] = silu(min(a, limit)) * clamp(b, -limit, limit) of ab [T, 2I] (a first).
void act(int64_t T, int64_t I, float limit, const float* ab, float* h) {
    for (int64_t t = 0; t < T; ++t)
        for (int64_t i = 0; i < I; ++i) {
            const float a = std::fmin(ab[t * 2 * I + i], limit),
                        b = std::fmax(std::fmin(ab[t * 2 * I + I + i], limit), -limit);
            h[t * I + i] = a * sigmoid(a) * b;
        }
}

void act_back(int64_t T, int64_t I, float limit, const float* ab, const float* dh, float* dab) {
    for (int64_t t = 0; t < T; ++t)
        for (int64_t i = 0; i < I; ++i) {
            const float ra = ab[t * 2 * I + i], rb = ab[t * 2 * I + I + i], g = dh[t * I + i];
            const float a = std::fmin(ra, limit), b = std::fmax(std::fmin(rb, limit), -limit), s = sigmoid(a);
            dab[t * 2 * I + i] = ra > limit ? 0 : g * b * s * (1 + a * (1 - s));
            dab[t * 2 * I + I + i] = rb > limit || rb < -limit ? 0 : g * a * s;
        }
}
}
