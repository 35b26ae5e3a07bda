// Hands out the tensors of a checkpoint in the forms the ops take, each checked for shape and type, and remembers which
// bytes of the files were handed out. Matrices stay where they are, in their stored form; vectors and tables, which are
// small, are converted once. For loading only, engine thread.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/read_ahead.h"
#include "engine/ops/weight.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bathy::model {

// Whether every token needs a matrix, or some tokens a row of it or all of it: what is read first.
enum class Use : std::uint8_t { EveryToken, SomeTokens };

class WeightStore {
public:
    // FP8 matrices have one scale per blockRows x blockCols. The checkpoint must outlive the store and every view.
    WeightStore(const checkpoint::Checkpoint& checkpoint, int blockRows, int blockCols)
        : m_checkpoint(checkpoint), m_blockRows(blockRows), m_blockCols(blockCols) {}

    // "NAME.weight" [rows, cols] as F32, BF16, F16, F8_E4M3 with "NAME.scale", or FP4 (I8, two inputs a byte) with
    // "NAME.scale", or a GGUF block type; a name without ".weight" is a plain matrix. Errors: BadFile, Unsupported.
    Result<ops::WeightView> matrix(const std::string& name, std::int64_t rows, std::int64_t cols,
                                   Use use = Use::EveryToken);
    // F32, BF16 or F16 of `count` elements in any shape. Errors: BadFile, Unsupported.
    Result<std::vector<float>> vector(const std::string& name, std::int64_t count);
    // I64 or I32 [rows, cols], every value in [0, limit). Errors: BadFile, Unsupported.
    Result<std::vector<std::int32_t>> table(const std::string& name, std::int64_t rows, std::int64_t cols,
                                            std::int64_t limit);

    // The matrices that were handed out so far, in the order of the calls.
    const WeightRanges& ranges() const { return m_ranges; }
    // Of everything that was handed out.
    std::uint64_t bytes() const { return m_bytes; }

private:
    Result<checkpoint::TensorView> take(const std::string& name);

    const checkpoint::Checkpoint& m_checkpoint;
    int m_blockRows;
    int m_blockCols;
    WeightRanges m_ranges;
    std::uint64_t m_bytes = 0;
};

} // namespace bathy::model
