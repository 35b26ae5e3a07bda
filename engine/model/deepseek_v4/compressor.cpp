#include "engine/model/deepseek_v4/compressor.h"

#include "engine/ops/compressor.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/rope.h"

#include <cstring>

namespace bathy::model::deepseek_v4 {
namespace {

// The raw rows of the chunk's tokens, and before them those that the ring still holds.
struct RawRows {
    const Step& step;
    const kv::RowRing& ring; // rows of [u | z]
    std::int64_t width;      // floats of u, and of z
    const float* u;          // [T, width]
    const float* z;          // [T, width], position row added

    const float* uAt(std::int64_t position) const {
        if (position < 0)
            return nullptr;
        return position < step.first ? ringRow(position) : u + (position - step.first) * width;
    }
    const float* zAt(std::int64_t position) const {
        if (position < 0)
            return nullptr;
        return position < step.first ? ringRow(position) + width : z + (position - step.first) * width;
    }

private:
    const float* ringRow(std::int64_t position) const { return reinterpret_cast<const float*>(ring.row(position)); }
};

// z += ape[position mod ratio].
void addPositionRows(const Step& step, const CompressorWeights& weights, float* z) {
    const auto width = weights.projected();
    for (std::int64_t t = 0; t < step.tokens; ++t) {
        const auto* ape = weights.ape.data() + (step.first + t) % weights.ratio * width;
        for (std::int64_t i = 0; i < width; ++i)
            z[t * width + i] += ape[i];
    }
}

void keepRawRows(const Step& step, const RawRows& raw, kv::RowRing& ring) {
    const auto halfBytes = static_cast<std::size_t>(raw.width) * sizeof(float);
    const auto row = step.ops.scratch.take<std::byte>(ring.rowBytes());
    for (auto position = std::max(step.first, step.end() - ring.capacity()); position < step.end(); ++position) {
        std::memcpy(row.data(), raw.uAt(position), halfBytes);
        std::memcpy(row.data() + halfBytes, raw.zAt(position), halfBytes);
        ring.put(position, 1, row.data());
    }
}

void pool(const Step& step, const CompressorWeights& weights, const RawRows& raw, const NewEntries& entries) {
    const ops::PoolShape shape{weights.ratio, weights.width, weights.overlap};
    const auto perEntry = shape.rowsPerEntry();
    const auto u = step.ops.scratch.take<const float*>(entries.count * perEntry);
    const auto z = step.ops.scratch.take<const float*>(entries.count * perEntry);
    for (std::int64_t i = 0; i < entries.count; ++i) {
        const auto firstRow = (entries.first + i + 1) * weights.ratio - perEntry;
        for (std::int64_t row = 0; row < perEntry; ++row) {
            u[static_cast<std::size_t>(i * perEntry + row)] = raw.uAt(firstRow + row);
            z[static_cast<std::size_t>(i * perEntry + row)] = raw.zAt(firstRow + row);
        }
    }
    ops::poolEntries(step.ops, shape, entries.count, u.data(), z.data(), entries.rows.data());
}

// An entry stands at the position of the first token of its window.
void rotate(const Step& step, const CompressorWeights& weights, const NewEntries& entries) {
    const auto positions = step.ops.scratch.take<std::int64_t>(entries.count);
    for (std::int64_t i = 0; i < entries.count; ++i)
        positions[static_cast<std::size_t>(i)] = (entries.first + i) * weights.ratio;
    const auto angles = step.ops.scratch.take<float>(entries.count * step.config.ropeDim);
    ops::ropeAngles(step.ops, step.rope.compress, positions, angles.data());
    ops::applyRope(step.ops, {entries.count, 1, weights.width, step.config.ropeDim}, angles.data(),
                   ops::RopeDirection::Forward, entries.rows.data());
}

} // namespace

NewEntries compress(const Step& step, const CompressorWeights& weights, const float* x, kv::RowRing& state) {
    NewEntries entries;
    entries.first = step.first / weights.ratio;
    entries.count = step.end() / weights.ratio - entries.first;
    entries.rows = step.ops.scratch.take<float>(entries.count * weights.width);
    const ops::ScratchScope scope(step.ops.scratch);
    const auto u = step.ops.scratch.take<float>(step.tokens * weights.projected());
    const auto z = step.ops.scratch.take<float>(step.tokens * weights.projected());
    ops::linear(step.ops, weights.wkv, x, step.tokens, u.data());
    ops::linear(step.ops, weights.wgate, x, step.tokens, z.data());
    if (step.stopped())
        return entries;
    addPositionRows(step, weights, z.data());
    const RawRows raw{step, state, weights.projected(), u.data(), z.data()};
    if (entries.count > 0) {
        pool(step, weights, raw, entries);
        if (step.formats.onGrid())
            ops::roundToBf16(step.ops, entries.rows);
        ops::rmsNorm(step.ops, entries.rows.data(), weights.norm, step.eps(), entries.count, entries.rows.data());
        rotate(step, weights, entries);
    }
    keepRawRows(step, raw, state);
    return entries;
}

} // namespace bathy::model::deepseek_v4
