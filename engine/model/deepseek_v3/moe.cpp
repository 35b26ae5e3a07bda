#include "engine/model/deepseek_v3/moe.h"

#include "engine/model/expert_bans.h"
#include "engine/ops/linear.h"
#include "engine/ops/router.h"

namespace bathy::model::deepseek_v3 {
namespace {

using decoder::Step;
using telemetry::SpanKind;

struct Routing {
    std::span<std::int32_t> chosen; // [T, k]
    std::span<float> weights;       // [T, k]
};

ops::RouterSpec routerSpec(const RouterConfig& router, const MoeWeights& weights, std::span<const std::uint8_t> bans) {
    ops::RouterSpec spec;
    spec.experts = router.experts;
    spec.chosen = router.chosen;
    spec.scale = static_cast<float>(router.scale);
    spec.bias = weights.bias.empty() ? nullptr : weights.bias.data();
    spec.banned = bans.empty() ? nullptr : bans.data();
    spec.score = router.scoring == Scoring::Softmax ? ops::ExpertScore::Softmax : ops::ExpertScore::Sigmoid;
    spec.groups = {router.groups, router.groupsKept,
                   router.groupScore == GroupScore::Largest ? ops::GroupScore::Largest : ops::GroupScore::TopTwoSum};
    spec.normalise = router.normalise;
    return spec;
}

Routing route(const Step& step, const RouterConfig& router, const MoeWeights& weights, const float* x) {
    const ops::Span span(step.ops, SpanKind::Router, step.tokens);
    auto& scratch = step.ops.scratch;
    const Routing routing{scratch.take<std::int32_t>(step.tokens * router.chosen),
                          scratch.take<float>(step.tokens * router.chosen)};
    const ops::ScratchScope scope(scratch);
    const auto logits = scratch.take<float>(step.tokens * router.experts);
    ops::linear(step.ops, weights.gate, x, step.tokens, logits.data());
    const auto bans = scratch.take<std::uint8_t>(router.experts);
    const bool anyBan = markBans(step.options.bannedExperts, step.ops.layer, bans);
    if (!step.stopped())
        ops::routeByScore(step.ops, routerSpec(router, weights, anyBan ? bans : std::span<std::uint8_t>()),
                          logits.data(), step.tokens, routing.chosen.data(), routing.weights.data());
    return routing;
}

} // namespace

void mixExperts(const Step& step, const Config& config, const MoeWeights& weights, const float* x, float* y,
                std::vector<bool>& touched) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto routing = route(step, config.router, weights, x);
    if (step.stopped())
        return;
    if (step.options.routing)
        step.options.routing->onRouting(step.ops.layer, Position{step.first}, config.router.chosen, routing.chosen,
                                        routing.weights);
    for (const auto expert : routing.chosen)
        if (expert >= 0)
            touched[static_cast<std::size_t>(expert)] = true;
    const ops::Span span(step.ops, SpanKind::Experts, step.tokens);
    ops::ExpertsJob job;
    job.experts = weights.experts;
    job.shared = weights.shared ? &*weights.shared : nullptr;
    job.tokens = step.tokens;
    job.chosenPerToken = config.router.chosen;
    job.chosen = routing.chosen.data();
    job.weights = routing.weights.data();
    job.x = x;
    job.y = y;
    ops::runExperts(step.ops, job);
}

std::int64_t planExperts(const Config& c, const decoder::PlanSize& size) {
    const auto pairs = size.chunk * (c.router.chosen + 1);
    const std::int64_t inner = std::max(c.expertWidth, c.sharedWidth());
    const auto routing = size.chunk * (2 * c.router.chosen + c.router.experts) + c.router.experts;
    const auto rounded = size.chunk * c.hiddenSize + pairs * inner;
    return routing + rounded + pairs * (inner + 2) + c.router.experts +
           size.perThread(3 * c.router.experts + size.chunk * (2 * 130 + 1024));
}

} // namespace bathy::model::deepseek_v3
