#include "engine/model/decoder/feed_forward.h"

namespace bathy::model::decoder {

void feedForward(const Step& step, const ops::ExpertWeights& weights, const float* x, float* y) {
    const ops::Span span(step.ops, telemetry::SpanKind::Experts, step.tokens);
    ops::ExpertsJob job;
    job.shared = &weights;
    job.tokens = step.tokens;
    job.x = x;
    job.y = y;
    ops::runExperts(step.ops, job);
}

std::int64_t planFeedForward(const PlanSize& size, std::int64_t width, std::int64_t channels) {
    const auto rounded = size.chunk * (width + channels);
    return rounded + size.chunk * (width + 2) + size.perThread(size.chunk * (2 * 130 + 1024));
}

} // namespace bathy::model::decoder
