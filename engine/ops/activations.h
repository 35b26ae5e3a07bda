// Rows of activations on their way into products with weights of any type. Private to engine/ops. With Precision::Fast
// they are rounded first as llama.cpp rounds them: to eight bits in groups for weights in GGUF blocks, which are then
// multiplied as integers, and to F16 for weights in F16. (llama.cpp also rounds to BF16 for weights in BF16; here
// nothing is gained by that, and checkpoints in BF16 are compared with implementations in float32.)
#pragma once

#include "engine/ops/context.h"
#include "engine/ops/weight.h"
#include "kernels/linear/linear.h"
#include "kernels/quantized_linear/quantized_linear.h"

namespace bathy::ops {

// Like kernels::LinearJob; token t reads row firstRow + rowStep * t, or firstRow + rowStep * xRows[t].
struct ProductJob {
    const WeightView* weight = nullptr;
    std::int64_t firstRow = 0;
    std::int64_t rowStep = 1;
    const std::int32_t* xRows = nullptr;
    float* y = nullptr; // the output of row rowBegin of token row 0
    std::int64_t yStride = 0;
    const std::int32_t* yRows = nullptr;
    const float* gains = nullptr; // of each token; only where takesGains()
    std::int64_t tokens = 0;
    std::int64_t rowBegin = 0;
    std::int64_t rowEnd = 0;
    bool accumulate = false;
    float* scratch = nullptr; // scratchFloats(), of this thread
};

class Activations {
public:
    struct Rows {
        const float* data = nullptr; // what it points to may change until the first prepare()
        std::int64_t count = 0;
        std::int64_t cols = 0;
        std::int64_t stride = 0; // floats between two rows
    };
    Activations(Context& context, const Rows& rows);

    // Rounds the rows for weights of this type, once; what that takes lives in the caller's scratch scope.
    void prepare(DType weight);
    // After prepare(). Any thread.
    void multiply(const ProductJob& job) const;

    // Whether products with this type can be multiplied by a gain for each token.
    bool takesGains(DType weight) const { return roundsToBytes(weight); }
    std::int64_t scratchFloats(const WeightView& weight, std::int64_t tokens) const;

private:
    bool roundsToBytes(DType weight) const;
    void roundToBytes(kernels::QuantizedGroups groups);
    void roundToHalf();

    Context& m_context;
    Rows m_rows;
    const std::byte* m_bytes[2] = {}; // by QuantizedGroups, null until asked for
    const float* m_halves = nullptr;  // [count, cols]
};

} // namespace bathy::ops
