// Rotary positions: pairs of channels of a head turned by an angle that grows with the position. Frequencies and angles
// are rounded to float32 step by step as the published implementations do (DeepSeek's inference code, transformers):
// 20,000 tokens on, an angle is off by up to 1e-3, a million tokens on by 0.06, and a model is to be read with the
// angles that it was made with.
#pragma once

#include "engine/ops/context.h"

#include <span>
#include <vector>

namespace bathy::ops {

struct YarnScaling {
    double factor = 1;
    double originalMaxPosition = 0;
    double betaFast = 32;
    double betaSlow = 1;
};

// f_i = base^(-2i/R), i < R/2.
std::vector<float> plainRopeFrequencies(double base, int ropeDim);
// Llama 3: frequencies whose wavelength exceeds originalMaxPosition / lowFactor are divided by `factor`, those below
// originalMaxPosition / highFactor kept, a line between.
struct Llama3Scaling {
    double factor = 1;
    double lowFactor = 1;
    double highFactor = 4;
    double originalMaxPosition = 0;
};
std::vector<float> llama3RopeFrequencies(double base, int ropeDim, const Llama3Scaling& scaling);
// YaRN without any magnitude factor: low frequencies divided by `factor`, a ramp between, high ones kept.
std::vector<float> yarnRopeFrequencies(double base, int ropeDim, const YarnScaling& scaling);

// angles [T, R]: cos of pair i at 2i, sin at 2i + 1. Computed once per chunk and table, used by every op of the layers.
void ropeAngles(Context& context, std::span<const float> frequencies, std::span<const std::int64_t> positions,
                float* angles);

enum class RopeDirection { Forward, Inverse };
// Which channels make a pair: neighbours, or one of each half. Weights are made for one of the two.
enum class RopePairing { Interleaved, HalfSplit };
enum class RopePlace { Last, First }; // channels of the head that are rotated

struct RopeShape {
    std::int64_t tokens = 0;
    std::int64_t heads = 1;
    std::int64_t headDim = 0;
    std::int64_t ropeDim = 0; // R, even, at most headDim
    RopePairing pairing = RopePairing::Interleaved;
    RopePlace place = RopePlace::Last;
};

// Rotates x [T, heads, headDim] in place: (a, b) -> (a cos - b sin, a sin + b cos); Inverse negates the angle.
void applyRope(Context& context, const RopeShape& shape, const float* angles, RopeDirection direction, float* x);

} // namespace bathy::ops
