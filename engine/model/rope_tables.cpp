#include "engine/model/rope_tables.h"

#include "engine/ops/rope.h"

namespace bathy::model {

std::vector<float> ropeFrequencies(const RopeConfig& config, int ropeDim) {
    switch (config.kind) {
    case RopeScalingKind::Yarn:
        return ops::yarnRopeFrequencies(config.theta, ropeDim,
                                        {config.factor, config.originalContext, config.betaFast, config.betaSlow});
    case RopeScalingKind::Llama3:
        return ops::llama3RopeFrequencies(config.theta, ropeDim,
                                          {config.factor, config.lowFactor, config.highFactor, config.originalContext});
    case RopeScalingKind::Linear: {
        auto frequencies = ops::plainRopeFrequencies(config.theta, ropeDim);
        for (auto& frequency : frequencies)
            frequency /= static_cast<float>(config.factor);
        return frequencies;
    }
    case RopeScalingKind::None:
        break;
    }
    return ops::plainRopeFrequencies(config.theta, ropeDim);
}

} // namespace bathy::model
