// What every op needs: threads, the kernel level, work space and where time is reported. One per engine thread; ops of
// one context run one after another. Ops never allocate once the work space has met the largest step.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/precision.h"
#include "engine/base/thread_pool.h"
#include "engine/device/cpu/cpu_features.h"
#include "engine/ops/scratch.h"
#include "engine/telemetry/events.h"

#include <stop_token>

namespace bathy::ops {

using device::CpuLevel;

// Where spans go. Called on the engine thread only, never inside a parallel loop; must not allocate, block or throw.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    virtual void beginSpan(telemetry::SpanKind kind, LayerId layer) = 0;
    virtual void endSpan(telemetry::SpanKind kind, LayerId layer, std::uint32_t tokens) = 0;
};

struct Context {
    ThreadPool& pool;
    Scratch& scratch;
    CpuLevel level;            // at most CpuFeatures::bestLevel(); lower to force a variant
    SpanSink* spans = nullptr; // may be null
    LayerId layer{-1};         // named in spans; the model sets it
    std::stop_token stop{};    // every op returns early when it is asked to, its output unfinished
    // Fast: activations are rounded before they meet weights in GGUF blocks or F16 (activations.h).
    Precision precision = Precision::Exact;
};

// One span around a group of ops. The ops themselves record none, because the same op serves several phases: the
// forward pass opens the spans where the phases are.
class Span {
public:
    Span(const Context& context, telemetry::SpanKind kind, std::int64_t tokens)
        : m_sink(context.spans), m_kind(kind), m_layer(context.layer), m_tokens(static_cast<std::uint32_t>(tokens)) {
        if (m_sink)
            m_sink->beginSpan(m_kind, m_layer);
    }
    ~Span() {
        if (m_sink)
            m_sink->endSpan(m_kind, m_layer, m_tokens);
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

private:
    SpanSink* m_sink;
    telemetry::SpanKind m_kind;
    LayerId m_layer;
    std::uint32_t m_tokens;
};

} // namespace bathy::ops
