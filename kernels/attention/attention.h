// Attention of one token's heads over cached rows (spec 2.8 of V4), with an optional sink. A row holds the key in its
// first channels and the value in some of its channels: the same ones (V4), the first of them (latent attention), or
// those behind the key (grouped-query attention).
#pragma once

#include "kernels/packed_rows/packed_rows.h"

#include <cstdint>

namespace bathy::kernels {

// A store of rows: a window ring or the compressed entries of a layer.
struct KvRows {
    KvRowLayout layout; // dim: channels of a row, the same in all stores of a job
    const std::byte* rows = nullptr;
    std::int64_t rowBytes = 0; // distance of two rows, at least kvRowBytes(layout)
};

// `count` rows of one store: index[0..count), or first, first + 1, ... when index is null.
struct KvPick {
    const KvRows* store = nullptr;
    const std::int32_t* index = nullptr;
    std::int64_t first = 0;
    std::int64_t count = 0;
};

struct AttentionJob {
    std::int64_t heads = 0;       // heads of this call, a range of the token's heads
    std::int64_t dim = 0;         // channels of a query and of a key: the first of a row
    std::int64_t valueOffset = 0; // the value is row[valueOffset, valueOffset + valueDim)
    std::int64_t valueDim = 0;
    std::int64_t rowDim = 0;
    float scale = 0;
    const float* q = nullptr;    // [heads, dim]
    const float* sink = nullptr; // [heads] or null
    float* out = nullptr;        // [heads, valueDim]
    const KvPick* picks = nullptr;
    std::int64_t pickCount = 0;
    std::int64_t rows = 0;          // sum of the picks' counts
    float* probabilities = nullptr; // [heads, rows], written: each row's share (without the sink's)
    float* scratch = nullptr;       // attentionScratchFloats(), 64-byte aligned
};

inline constexpr std::int64_t kAttentionTile = 32; // rows decoded at a time

std::int64_t attentionScratchFloats(std::int64_t rowDim);
void attentionReference(const AttentionJob& job);
void attentionAvx2(const AttentionJob& job);
void attentionAvx512(const AttentionJob& job);

// Row `index` of the concatenated picks, decoded.
void decodePickedRow(const KvPick* picks, std::int64_t index, float* out);

} // namespace bathy::kernels
