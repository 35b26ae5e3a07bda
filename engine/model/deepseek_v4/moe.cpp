#include "engine/model/deepseek_v4/moe.h"

#include "engine/model/expert_bans.h"
#include "engine/ops/linear.h"
#include "engine/ops/router.h"

namespace bathy::model::deepseek_v4 {
namespace {

using telemetry::SpanKind;

struct Routing {
    std::span<std::int32_t> chosen; // [T, k]
    std::span<float> weights;       // [T, k]
};

// One byte per expert of this layer, nonzero where it is banned; empty when none is.
std::span<const std::uint8_t> bansOfLayer(const Step& step) {
    const auto bans = step.ops.scratch.take<std::uint8_t>(step.config.routedExperts);
    return markBans(step.options.bannedExperts, step.ops.layer, bans) ? bans : std::span<const std::uint8_t>();
}

Routing route(const Step& step, const MoeWeights& weights, const float* x) {
    const ops::Span span(step.ops, SpanKind::Router, step.tokens);
    auto& scratch = step.ops.scratch;
    const std::int64_t picks = step.config.expertsPerToken;
    const Routing routing{scratch.take<std::int32_t>(step.tokens * picks), scratch.take<float>(step.tokens * picks)};
    const ops::ScratchScope scope(scratch);
    const auto logits = scratch.take<float>(step.tokens * step.config.routedExperts);
    ops::linear(step.ops, weights.gate, x, step.tokens, logits.data());
    if (step.stopped())
        return routing;
    const auto bans = bansOfLayer(step);
    const ops::RouterSpec spec{step.config.routedExperts, picks, static_cast<float>(step.config.routedScaling),
                               weights.bias.empty() ? nullptr : weights.bias.data(),
                               bans.empty() ? nullptr : bans.data()};
    if (weights.hashExperts.empty()) {
        ops::routeByScore(step.ops, spec, logits.data(), step.tokens, routing.chosen.data(), routing.weights.data());
        return routing;
    }
    for (std::int64_t t = 0; t < step.tokens; ++t) {
        const auto* row = weights.hashExperts.data() + step.ids[static_cast<std::size_t>(t)] * picks;
        std::transform(row, row + picks, routing.chosen.data() + t * picks, [&](std::int32_t expert) {
            return !bans.empty() && bans[static_cast<std::size_t>(expert)] != 0 ? -1 : expert;
        });
    }
    ops::routeByTable(step.ops, spec, logits.data(), step.tokens, routing.chosen.data(), routing.weights.data());
    return routing;
}

} // namespace

void mixExperts(const Step& step, const MoeWeights& weights, const float* x, float* y, std::vector<bool>& touched) {
    const ops::ScratchScope scope(step.ops.scratch);
    const auto routing = route(step, weights, x);
    if (step.stopped())
        return;
    if (step.options.routing)
        step.options.routing->onRouting(step.ops.layer, Position{step.first}, step.config.expertsPerToken,
                                        routing.chosen, routing.weights);
    for (const auto expert : routing.chosen)
        if (expert >= 0)
            touched[static_cast<std::size_t>(expert)] = true;
    const ops::Span span(step.ops, SpanKind::Experts, step.tokens);
    ops::ExpertsJob job;
    job.experts = weights.experts;
    job.shared = weights.shared ? &*weights.shared : nullptr;
    job.swigluLimit = static_cast<float>(step.config.swigluLimit);
    job.tokens = step.tokens;
    job.chosenPerToken = step.config.expertsPerToken;
    job.chosen = routing.chosen.data();
    job.weights = routing.weights.data();
    job.x = x;
    job.y = y;
    ops::runExperts(step.ops, job);
}

} // namespace bathy::model::deepseek_v4
