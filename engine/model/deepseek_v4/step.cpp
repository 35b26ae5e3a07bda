#include "engine/model/deepseek_v4/step.h"

#include "engine/ops/rope.h"

namespace bathy::model::deepseek_v4 {

RopeTables makeRopeTables(const Config& config) {
    const ops::YarnScaling yarn{config.yarn.factor, static_cast<double>(config.yarn.originalContext),
                                config.yarn.betaFast, config.yarn.betaSlow};
    return {ops::plainRopeFrequencies(config.ropeTheta, config.ropeDim),
            config.yarn.factor == 1 ? ops::plainRopeFrequencies(config.compressRopeTheta, config.ropeDim)
                                    : ops::yarnRopeFrequencies(config.compressRopeTheta, config.ropeDim, yarn)};
}

} // namespace bathy::model::deepseek_v4
