#include "engine/model/deepseek_v4/step.h"

#include "engine/ops/linear.h"
#include "engine/ops/rope.h"

namespace bathy::model::deepseek_v4 {

RopeTables makeRopeTables(const Config& config) {
    const ops::YarnScaling yarn{config.yarn.factor, static_cast<double>(config.yarn.originalContext),
                                config.yarn.betaFast, config.yarn.betaSlow};
    return {ops::plainRopeFrequencies(config.ropeTheta, config.ropeDim),
            config.yarn.factor == 1 ? ops::plainRopeFrequencies(config.compressRopeTheta, config.ropeDim)
                                    : ops::yarnRopeFrequencies(config.compressRopeTheta, config.ropeDim, yarn)};
}

void stoppableLinear(const Step& step, const ops::WeightView& weight, const float* x, std::int64_t tokens, float* y) {
    const auto piece = stoppableTokens(weight.rows * weight.cols);
    for (std::int64_t t = 0; t < tokens && !step.stopped(); t += piece)
        ops::linear(step.ops, weight, x + t * weight.cols, std::min(piece, tokens - t), y + t * weight.rows);
}

} // namespace bathy::model::deepseek_v4
