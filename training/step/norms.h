// Root-mean-square norms with and without a weight, and rotation of the last ROPE channels, forward and backward.
#pragma once
#include "half.h"

namespace step {
// y = x / rms(x) * weight (or 1); returns the inverse rms.
inline float normed(const float* x, const float* weight, int n, float* y) {
    float sum = 0;
    for (int i = 0; i < n; ++i)
        sum += x[i] * x[i];
    const float r = 1.0f / std::sqrt(sum / float(n) + NORM_EPS);
    if (weight)
        for (int i = 0; i < n; ++i)
            y[i] = x[i] * r * weight[i];
    else
        for (int i = 0; i < n; ++i)
            y[i] = x[i] * r;
    return r;
}

// dx from the gradient g of the normed values; dweight is added to. dx may be g.
inline void normedBack(const float* x, const float* weight, float r, int n, const float* g, float* dx, float* dweight) {
    float dot = 0;
    if (weight) {
        for (int i = 0; i < n; ++i) {
            dot += g[i] * weight[i] * x[i];
            dweight[i] += g[i] * x[i] * r;
        }
        dot *= r * r / float(n);
        for (int i = 0; i < n; ++i)
            dx[i] = r * (g[i] * weight[i] - x[i] * dot);
    } else {
        for (int i = 0; i < n; ++i)
            dot += g[i] * x[i];
        dot *= r * r / float(n);
        for (int i = 0; i < n; ++i)
            dx[i] = r * (g[i] - x[i] * dot);
    }
}

// Interleaved pairs; cosine and sine of one position, [ROPE / 2]. way: 1 forward, -1 back (which is the gradient too).
inline void turn(float* v, int width, const float* cosine, const float* sine, float way) {
    float* pair = v + width - ROPE;
    for (int i = 0; i < ROPE / 2; ++i) {
        const float a = pair[2 * i], b = pair[2 * i + 1], s = way * sine[i];
        pair[2 * i] = a * cosine[i] - b * s;
        pair[2 * i + 1] = a * s + b * cosine[i];
    }
}
} // namespace step
