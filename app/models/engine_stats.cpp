#include "app/models/engine_stats.h"

#include <algorithm>

namespace bathy::models {

void EngineStats::add(const telemetry::SpanEvent& span) {
    const auto kind = static_cast<std::size_t>(span.kind);
    if (kind >= spans.size()) {
        ++ignored;
        return;
    }
    auto& sum = spans[kind];
    ++sum.count;
    sum.tokens += span.tokens;
    sum.totalNs += span.durationNs;
    sum.longestNs = std::max(sum.longestNs, span.durationNs);
}

const char* spanName(int kind) {
    static constexpr std::array<const char*, kSpanKinds> kNames{
        "step",    "embed",          "hyper-connection",  "attention", "query path", "window kv", "compressor",
        "indexer", "attention core", "output projection", "router",    "experts",    "head",      "sampler",
        "draft"};
    return kind >= 0 && kind < kSpanKinds ? kNames[static_cast<std::size_t>(kind)] : "?";
}

} // namespace bathy::models
