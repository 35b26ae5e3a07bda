#include "kernels/hyper_connection/hyper_connection.h"

#include <algorithm>
#include <cmath>

namespace bathy::kernels {

namespace {

constexpr std::int64_t kMostStreams = 16;

float sigmoid(float x) {
    return 1.0f / (1.0f + std::exp(-x));
}

void normaliseRows(float* comb, std::int64_t n, float eps) {
    for (std::int64_t j = 0; j < n; ++j) {
        float sum = 0;
        for (std::int64_t k = 0; k < n; ++k)
            sum += comb[j * n + k];
        for (std::int64_t k = 0; k < n; ++k)
            comb[j * n + k] /= sum + eps;
    }
}

void normaliseColumns(float* comb, std::int64_t n, float eps) {
    float sum[kMostStreams] = {};
    for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < n; ++k)
            sum[k] += comb[j * n + k];
    for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < n; ++k)
            comb[j * n + k] /= sum[k] + eps;
}

void softmaxRow(float* row, std::int64_t n, float eps) {
    const auto largest = *std::max_element(row, row + n);
    float sum = 0;
    for (std::int64_t k = 0; k < n; ++k)
        sum += row[k] = std::exp(row[k] - largest);
    for (std::int64_t k = 0; k < n; ++k)
        row[k] = row[k] / sum + eps;
}

} // namespace

void hyperCoefficients(const SinkhornSpec& spec, const float* m, const float* base, const float* scale, float* pre,
                       float* post, float* comb) {
    const auto n = spec.streams;
    for (std::int64_t j = 0; j < n; ++j) {
        pre[j] = sigmoid(m[j] * scale[0] + base[j]) + spec.eps;
        post[j] = 2.0f * sigmoid(m[n + j] * scale[1] + base[n + j]);
    }
    for (std::int64_t i = 0; i < n * n; ++i)
        comb[i] = m[2 * n + i] * scale[2] + base[2 * n + i];
    for (std::int64_t j = 0; j < n; ++j)
        softmaxRow(comb + j * n, n, spec.eps);
    normaliseColumns(comb, n, spec.eps);
    for (int i = 1; i < spec.iterations; ++i) {
        normaliseRows(comb, n, spec.eps);
        normaliseColumns(comb, n, spec.eps);
    }
}

void mixStreamsReference(const float* streams, const float* weight, std::int64_t n, std::int64_t channels, float* out) {
    for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::int64_t j = 0; j < n; ++j)
            sum += static_cast<double>(weight[j]) * streams[j * channels + c];
        out[c] = static_cast<float>(sum);
    }
}

void hyperPostReference(const HyperPostJob& job) {
    const auto n = job.n;
    for (std::int64_t c = 0; c < job.channels; ++c) {
        double sum[kMostStreams];
        for (std::int64_t k = 0; k < n; ++k) {
            sum[k] = static_cast<double>(job.post[k]) * job.y[c];
            for (std::int64_t j = 0; j < n; ++j)
                sum[k] += static_cast<double>(job.comb[j * n + k]) * job.streams[j * job.channels + c];
        }
        for (std::int64_t k = 0; k < n; ++k)
            job.out[k * job.channels + c] = static_cast<float>(sum[k]);
    }
}

} // namespace bathy::kernels
