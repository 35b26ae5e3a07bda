// Per-token arithmetic of the hyper-connections (spec 2.2), n streams of d channels.
#pragma once

#include <cstdint>

namespace bathy::kernels {

struct SinkhornSpec {
    std::int64_t streams = 4; // n, at most 16
    int iterations = 20;
    float eps = 1e-6f;
};

// From m [(2 + n) n], already normalised: pre [n], post [n], comb [n, n] (first index: source stream).
void hyperCoefficients(const SinkhornSpec& spec, const float* m, const float* base, const float* scale, float* pre,
                       float* post, float* comb);

// out[c] = sum_j weight[j] X[j, c].
void mixStreamsReference(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out);
void mixStreamsAvx2(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out);
void mixStreamsAvx512(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out);

// One token of ops::hyperPost.
struct HyperPostJob {
    const float* y = nullptr;       // [d]
    const float* streams = nullptr; // [n, d]
    const float* post = nullptr;    // [n]
    const float* comb = nullptr;    // [n, n]
    std::int64_t n = 0;
    std::int64_t channels = 0;
    float* out = nullptr; // [n, d], may be streams
};
void hyperPostReference(const HyperPostJob& job);
void hyperPostAvx2(const HyperPostJob& job);
void hyperPostAvx512(const HyperPostJob& job);

} // namespace bathy::kernels
