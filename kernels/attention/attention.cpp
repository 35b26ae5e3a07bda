#include "kernels/attention/attention.h"

#include <cmath>
#include <limits>

namespace bathy::kernels {

std::int64_t attentionScratchFloats(std::int64_t rowDim) {
    return kAttentionTile * rowDim;
}

void decodePickedRow(const KvPick* picks, std::int64_t index, float* out) {
    while (index >= picks->count)
        index -= (picks++)->count;
    const auto& store = *picks->store;
    const auto row = picks->index ? picks->index[index] : picks->first + index;
    unpackKvRow(store.layout, store.rows + row * store.rowBytes, out);
}

void attentionReference(const AttentionJob& job) {
    auto* row = job.scratch;
    for (std::int64_t j = 0; j < job.rows; ++j) {
        decodePickedRow(job.picks, j, row);
        for (std::int64_t h = 0; h < job.heads; ++h) {
            double dot = 0;
            for (std::int64_t c = 0; c < job.dim; ++c)
                dot += static_cast<double>(job.q[h * job.dim + c]) * row[c];
            job.probabilities[h * job.rows + j] = static_cast<float>(dot * job.scale);
        }
    }
    for (std::int64_t h = 0; h < job.heads; ++h) {
        auto* p = job.probabilities + h * job.rows;
        float largest = job.sink ? job.sink[h] : -std::numeric_limits<float>::infinity();
        for (std::int64_t j = 0; j < job.rows; ++j)
            largest = std::fmax(largest, p[j]);
        double sum = job.sink ? std::exp(static_cast<double>(job.sink[h]) - largest) : 0.0;
        for (std::int64_t j = 0; j < job.rows; ++j)
            sum += std::exp(static_cast<double>(p[j]) - largest);
        for (std::int64_t j = 0; j < job.rows; ++j)
            p[j] = static_cast<float>(std::exp(static_cast<double>(p[j]) - largest) / sum);
    }
    for (std::int64_t h = 0; h < job.heads; ++h)
        for (std::int64_t c = 0; c < job.valueDim; ++c)
            job.out[h * job.valueDim + c] = 0;
    for (std::int64_t j = 0; j < job.rows; ++j) {
        decodePickedRow(job.picks, j, row);
        for (std::int64_t h = 0; h < job.heads; ++h)
            for (std::int64_t c = 0; c < job.valueDim; ++c)
                job.out[h * job.valueDim + c] += job.probabilities[h * job.rows + j] * row[job.valueOffset + c];
    }
}

} // namespace bathy::kernels
