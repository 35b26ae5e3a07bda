#include "engine/ops/router.h"

#include "engine/ops/check.h"
#include "engine/ops/dispatch.h"

namespace bathy::ops {

void routeByScore(Context& context, const RouterSpec& spec, const float* logits, std::int64_t tokens,
                  std::int32_t* chosen, float* weights) {
    BATHY_OPS_CHECK(spec.chosen > 0 && spec.chosen <= spec.experts);
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, 3 * spec.experts);
    parallel(context, tokens, 64 * spec.experts, [&](std::int64_t begin, std::int64_t end, int worker) {
        auto* scores = scratch[worker];
        for (auto t = begin; t < end; ++t) {
            auto* picked = chosen + t * spec.chosen;
            kernels::routerScores(spec.score, logits + t * spec.experts, spec.experts, scores);
            kernels::chooseExperts(scores, spec.bias, spec.banned, spec.experts, spec.chosen, spec.groups,
                                   scores + spec.experts, picked);
            kernels::routerWeights(scores, picked, spec.chosen, spec.scale, spec.normalise, weights + t * spec.chosen);
        }
    });
}

void routeByTable(Context& context, const RouterSpec& spec, const float* logits, std::int64_t tokens,
                  const std::int32_t* chosen, float* weights) {
    const ScratchScope scope(context.scratch);
    const PerThread scratch(context, spec.experts);
    parallel(context, tokens, 64 * spec.experts, [&](std::int64_t begin, std::int64_t end, int worker) {
        auto* scores = scratch[worker];
        for (auto t = begin; t < end; ++t) {
            kernels::routerScores(spec.score, logits + t * spec.experts, spec.experts, scores);
            kernels::routerWeights(scores, chosen + t * spec.chosen, spec.chosen, spec.scale, spec.normalise,
                                   weights + t * spec.chosen);
        }
    });
}

} // namespace bathy::ops
