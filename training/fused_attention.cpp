// Fused CPU kernels of the training: norms with rotation, and the softmax of attention over window, entries and sink.
// Plain PyTorch does the same in v4.py; the tests compare the two. Built on first use by fused.py (g++, -march=native).
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

// bfloat16 in and out, rounded to nearest even.
inline float widen(uint16_t x) {
    const uint32_t bits = uint32_t(x) << 16;
    float out;
    std::memcpy(&out, &bits, 4);
    return out;
}

inline uint16_t narrow(float x) {
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// e^x for x <= 0 to about 2e-7 relative: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2]. Plain arithmetic, so that every compiler puts it
// into lanes; the library's own is called one by one.
inline float quick_exp(float x) {
    x = std::fmax(x, -87.0f);
    const int32_t n = int32_t(x * 1.44269504f - 0.5f);
    const float r = (x - float(n) * 0.693145752f) - float(n) * 1.42860677e-6f;
    float p = 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const uint32_t bits = uint32_t(n + 127) << 23;
    float power;
    std::memcpy(&power, &bits, 4);
    return x <= -87.0f ? 0.0f : p * power;
}

} // namespace

extern "C" {

// Root-mean-square norm of x [T, heads, W] (with an optional weight [W]), the last R channels of each head rotated by
// the tables [S, R / 2] of position t mod S. out is [T / C, heads, C, W]: chunks of C tokens; C divides S.
void norm_rotate(int64_t T, int64_t S, int64_t C, int64_t heads, int64_t W, int64_t R, float norm_eps, const float* x,
                 const float* weight, const float* cosine, const float* sine, float* inverse, float* out) {
    for (int64_t t = 0; t < T; ++t)
        for (int64_t h = 0; h < heads; ++h) {
            const float* v = x + (t * heads + h) * W;
            float* o = out + ((t / C * heads + h) * C + t % C) * W;
            float sum = 0;
            for (int64_t i = 0; i < W; ++i)
                sum += v[i] * v[i];
            const float r = inverse[t * heads + h] = 1.0f / std::sqrt(sum / float(W) + norm_eps);
            for (int64_t i = 0; i < W; ++i)
                o[i] = v[i] * r * (weight ? weight[i] : 1.0f);
            const float *c = cosine + t % S * R / 2, *s = sine + t % S * R / 2;
            for (int64_t i = 0; i < R / 2; ++i) {
                float* pair = o + W - R + 2 * i;
                const float a = pair[0], b = pair[1];
                pair[0] = a * c[i] - b * s[i];
                pair[1] = a * s[i] + b * c[i];
            }
        }
}

void norm_rotate_back(int64_t T, int64_t S, int64_t C, int64_t heads, int64_t W, int64_t R, const float* x,
                      const float* weight, const float* cosine, const float* sine, const float* inverse, const float* g,
                      float* dx, float* dweight) {
    float q[1024];
    for (int64_t t = 0; t < T; ++t)
        for (int64_t h = 0; h < heads; ++h) {
            const float* v = x + (t * heads + h) * W;
            std::memcpy(q, g + ((t / C * heads + h) * C + t % C) * W, size_t(W) * sizeof(float));
            const float *c = cosine + t % S * R / 2, *s = sine + t % S * R / 2;
            for (int64_t i = 0; i < R / 2; ++i) {
                float* pair = q + W - R + 2 * i;
                const float a = pair[0], b = pair[1];
                pair[0] = a * c[i] + b * s[i];
                pair[1] = b * c[i] - a * s[i];
            }
            const float r = inverse[t * heads + h];
            float dot = 0;
            if (weight)
                for (int64_t i = 0; i < W; ++i) {
                    dweight[i] += q[i] * v[i] * r;
                    q[i] *= weight[i];
                }
            for (int64_t i = 0; i < W; ++i)
                dot += q[i] * v[i];
            dot *= r * r / float(W);
            for (int64_t i = 0; i < W; ++i)
                dx[(t * heads + h) * W + i] = r * (q[i] - v[i] * dot);
        }
}

// The last R channels of each head turned back: to [T, heads, W] from chunks [T / C, heads, C, W], or (gradient) the
// other way about.
void unrotate(int64_t T, int64_t S, int64_t C, int64_t heads, int64_t W, int64_t R, int gradient, const float* cosine,
              const float* sine, const float* from, float* to) {
    for (int64_t t = 0; t < T; ++t)
        for (int64_t h = 0; h < heads; ++h) {
            const int64_t chunk = ((t / C * heads + h) * C + t % C) * W, flat = (t * heads + h) * W;
            const float* v = from + (gradient ? flat : chunk);
            float* o = to + (gradient ? chunk : flat);
            std::memcpy(o, v, size_t(W) * sizeof(float));
            const float *c = cosine + t % S * R / 2, *s = sine + t % S * R / 2;
            for (int64_t i = 0; i < R / 2; ++i) {
                float* pair = o + W - R + 2 * i;
                const float x = pair[0], y = pair[1], turn = gradient ? -s[i] : s[i];
                pair[0] = x * c[i] + y * turn;
                pair[1] = y * c[i] - x * turn;
            }
        }
}

// Attention weights in place of bfloat16 logits; reach: how many tokens the window holds, at most C. window [chunks,
// heads, C, 2C]: the keys of the chunk before and of the chunk itself; entries [chunks, heads, C, E] with visible [S,
// E] or, if `per_row`, [B, S, E]. gone [chunks, heads, C] is the sink's weight.
void attention_weights(int64_t chunks, int64_t chunks_per_row, int64_t heads, int64_t C, int64_t E, int64_t reach,
                       float scale, const float* sink, const uint8_t* visible, int per_row, uint16_t* window,
                       uint16_t* entries, float* gone) {
    float a[1024], b[8192];
    for (int64_t n = 0; n < chunks; ++n)
        for (int64_t h = 0; h < heads; ++h)
            for (int64_t s = 0; s < C; ++s) {
                const int64_t row = (n * heads + h) * C + s, c = n % chunks_per_row;
                const int64_t high = s + C + 1, low = c || high - reach > C ? high - reach : C;
                uint16_t *w = window + row * 2 * C, *e = entries + row * E;
                const uint8_t* may =
                    visible + ((per_row ? n / chunks_per_row * chunks_per_row : 0) * C + c * C + s) * E;
                float top = sink[h];
                for (int64_t i = low; i < high; ++i) {
                    a[i] = widen(w[i]) * scale;
                    top = std::fmax(top, a[i]);
                }
                for (int64_t i = 0; i < E; ++i) {
                    b[i] = may[i] ? widen(e[i]) * scale : -1e30f;
                    top = std::fmax(top, b[i]);
                }
                float sum = std::exp(sink[h] - top);
                const float own = sum;
                for (int64_t i = low; i < high; ++i)
                    sum += a[i] = quick_exp(a[i] - top);
                for (int64_t i = 0; i < E; ++i)
                    sum += b[i] = quick_exp(b[i] - top);
                const float r = 1.0f / sum;
                gone[row] = own * r;
                std::memset(w, 0, size_t(low) * sizeof(uint16_t));
                for (int64_t i = low; i < high; ++i)
                    w[i] = narrow(a[i] * r);
                std::memset(w + high, 0, size_t(2 * C - high) * sizeof(uint16_t));
                for (int64_t i = 0; i < E; ++i)
                    e[i] = narrow(b[i] * r);
            }
}

// dwindow and dentries hold the gradients of the weights and become those of the logits (scale included); dsink [heads]
// is added to.
void attention_weights_back(int64_t chunks, int64_t heads, int64_t C, int64_t E, float scale, const uint16_t* window,
                            const uint16_t* entries, const float* gone, uint16_t* dwindow, uint16_t* dentries,
                            float* dsink) {
    for (int64_t n = 0; n < chunks; ++n)
        for (int64_t h = 0; h < heads; ++h)
            for (int64_t s = 0; s < C; ++s) {
                const int64_t row = (n * heads + h) * C + s;
                const uint16_t *w = window + row * 2 * C, *e = entries + row * E;
                uint16_t *dw = dwindow + row * 2 * C, *de = dentries + row * E;
                float dot = 0;
                for (int64_t i = 0; i < 2 * C; ++i)
                    dot += widen(w[i]) * widen(dw[i]);
                for (int64_t i = 0; i < E; ++i)
                    dot += widen(e[i]) * widen(de[i]);
                dsink[h] -= gone[row] * dot;
                for (int64_t i = 0; i < 2 * C; ++i)
                    dw[i] = narrow(widen(w[i]) * (widen(dw[i]) - dot) * scale);
                for (int64_t i = 0; i < E; ++i)
                    de[i] = narrow(widen(e[i]) * (widen(de[i]) - dot) * scale);
            }
}
}
