#include "engine/runtime/conversions.h"

#include <algorithm>

namespace bathy::runtime {

namespace {

constexpr int kMaxPrefillChunk = 8192;

} // namespace

model::StateOptions stateOptions(const api::SessionOptions& options) {
    model::StateOptions result;
    result.precision = options.precision;
    result.kvFormat = options.kvFormat;
    result.contextLimit = options.contextLimit;
    return result;
}

sampler::SamplerOptions samplerOptions(const api::SamplingOptions& options) {
    sampler::SamplerOptions result;
    result.temperature = options.temperature;
    result.topK = options.topK;
    result.topP = options.topP;
    result.minP = options.minP;
    result.repetitionPenalty = options.repetitionPenalty;
    result.repetitionWindow = options.repetitionWindow;
    result.seed = options.seed;
    return result;
}

api::DeviceCard deviceCard(const device::DeviceInfo& info) {
    return {info.id, info.backend, info.name, info.usable, info.reason, info.memoryBytes, info.features, info.driver};
}

int prefillChunk(const api::SessionOptions& options) {
    return std::clamp(options.prefillChunk, 1, kMaxPrefillChunk);
}

} // namespace bathy::runtime
