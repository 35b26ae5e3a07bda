// Hands out the tensors of a checkpoint in the forms the ops take, each checked for shape and type, and remembers which
// bytes of the files were handed out. Matrices stay where they are, in their stored form; vectors and tables, which are
// small, are converted once. For loading only, engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/ops/weight.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bathy::model {

class WeightStore {
public:
    // FP8 matrices have one scale per blockRows x blockCols. The checkpoint must outlive the store and every view.
    WeightStore(const checkpoint::Checkpoint& checkpoint, int blockRows, int blockCols)
        : m_checkpoint(checkpoint), m_blockRows(blockRows), m_blockCols(blockCols) {}

    // "NAME.weight" [rows, cols] as F32, BF16, F16, F8_E4M3 with "NAME.scale", or FP4 (I8, two inputs a byte) with
    // "NAME.scale", or a GGUF block type; a name without ".weight" is a plain matrix. Errors: BadFile, Unsupported.
    Result<ops::WeightView> matrix(const std::string& name, std::int64_t rows, std::int64_t cols);
    // F32, BF16 or F16 of `count` elements in any shape. Errors: BadFile, Unsupported.
    Result<std::vector<float>> vector(const std::string& name, std::int64_t count);
    // I64 or I32 [rows, cols], every value in [0, limit). Errors: BadFile, Unsupported.
    Result<std::vector<std::int32_t>> table(const std::string& name, std::int64_t rows, std::int64_t cols,
                                            std::int64_t limit);

    // Everything that was handed out so far, in the order of the calls.
    std::span<const std::span<const std::byte>> ranges() const { return m_ranges; }
    std::uint64_t bytes() const { return m_bytes; }

private:
    Result<checkpoint::TensorView> take(const std::string& name);

    const checkpoint::Checkpoint& m_checkpoint;
    int m_blockRows;
    int m_blockCols;
    std::vector<std::span<const std::byte>> m_ranges;
    std::uint64_t m_bytes = 0;
};

} // namespace bathy::model
