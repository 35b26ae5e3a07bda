#include "engine/runtime/conversions.h"

#include <algorithm>

namespace bathy::runtime {

namespace {

constexpr int kMaxPrefillChunk = 8192;

model::KvFormat modelKvFormat(api::KvFormat format) {
    switch (format) {
    case api::KvFormat::Auto:
        return model::KvFormat::Auto;
    case api::KvFormat::F32:
        return model::KvFormat::F32;
    case api::KvFormat::BF16:
        return model::KvFormat::BF16;
    case api::KvFormat::Packed:
        return model::KvFormat::Packed;
    case api::KvFormat::PackedFp8Index:
        return model::KvFormat::PackedFp8Index;
    }
    return model::KvFormat::Auto;
}

} // namespace

model::StateOptions stateOptions(const api::SessionOptions& options) {
    model::StateOptions result;
    result.precision = options.precision == api::Precision::Exact ? model::Precision::Exact : model::Precision::Fast;
    result.kvFormat = modelKvFormat(options.kvFormat);
    result.contextLimit = options.contextLimit;
    return result;
}

api::KvFormat apiKvFormat(model::KvFormat format) {
    switch (format) {
    case model::KvFormat::Auto:
        return api::KvFormat::Auto;
    case model::KvFormat::F32:
        return api::KvFormat::F32;
    case model::KvFormat::BF16:
        return api::KvFormat::BF16;
    case model::KvFormat::Packed:
        return api::KvFormat::Packed;
    case model::KvFormat::PackedFp8Index:
        return api::KvFormat::PackedFp8Index;
    }
    return api::KvFormat::Auto;
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
