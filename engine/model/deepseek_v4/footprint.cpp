#include "engine/model/deepseek_v4/footprint.h"

namespace bathy::model::deepseek_v4 {
namespace {

std::uint64_t toU64(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}

} // namespace

ParameterCount countParameters(const Config& config) {
    return model::countParameters([&](const TensorVisitor& visit) { visitMainTensors(config, visit); },
                                  config.expertsPerToken, config.routedExperts);
}

std::uint64_t countDraftParameters(const Config& config, DraftStages draft) {
    std::uint64_t total = 0;
    visitDraftTensors(config, draft, [&](const TensorSpec& spec) {
        total += spec.role == TensorRole::Table ? 0 : spec.elementCount();
    });
    return total;
}

std::uint64_t kvRowBytes(const Config& config, KvStorage storage) {
    const auto dim = toU64(config.headDim);
    switch (storage) {
    case KvStorage::F32:
        return 4 * dim;
    case KvStorage::BF16:
        return 2 * dim;
    case KvStorage::Packed:
    case KvStorage::PackedFp8Index:
        break;
    }
    // One byte per un-rotated channel, one scale per 64 of them, rotated channels in bf16, padded to 8 bytes.
    const auto nope = toU64(config.nopeDim());
    const auto bytes = nope + 2 * toU64(config.ropeDim) + (nope + 63) / 64;
    return (bytes + 7) / 8 * 8;
}

std::uint64_t indexKeyBytes(const Config& config, KvStorage storage) {
    const auto dim = toU64(config.indexHeadDim);
    switch (storage) {
    case KvStorage::F32:
        return 4 * dim;
    case KvStorage::BF16:
        return 2 * dim;
    case KvStorage::PackedFp8Index:
        return dim + 4; // one F32 scale
    case KvStorage::Packed:
        break;
    }
    return (dim + 1) / 2 + (dim + 31) / 32;
}

KvBytes kvBytes(const Config& config, KvStorage storage, std::int64_t tokens) {
    KvBytes bytes;
    const auto row = kvRowBytes(config, storage);
    const auto key = indexKeyBytes(config, storage);
    for (const auto& layer : config.layers) {
        bytes.window += toU64(config.slidingWindow) * row;
        if (!layer.compressed())
            continue;
        const auto entries = toU64(tokens / layer.ratio);
        // Rows of u and z in F32: two windows of two halves where they overlap, else one window.
        const auto stateRows = toU64(layer.ratio) * (layer.overlapping() ? 2 : 1);
        const auto stateBytes = 2 * 4 * stateRows * toU64(layer.compressorParts());
        bytes.compressorState += stateBytes * toU64(config.headDim);
        if (layer.attention == AttentionKind::HeavilyCompressed) {
            bytes.hcaEntries += entries * row;
        } else {
            bytes.csaEntries += entries * row;
            bytes.indexKeys += entries * key;
            bytes.compressorState += stateBytes * toU64(config.indexHeadDim);
        }
    }
    return bytes;
}

std::uint64_t draftKvBytes(const Config& config, KvStorage storage) {
    return toU64(config.slidingWindow) * kvRowBytes(config, storage) + 4 * toU64(config.streamWidth());
}

double kvBytesPerToken(const Config& config, KvStorage storage) {
    double bytes = 0;
    for (const auto& layer : config.layers) {
        if (!layer.compressed())
            continue;
        auto entry = kvRowBytes(config, storage);
        if (layer.attention == AttentionKind::CompressedSparse)
            entry += indexKeyBytes(config, storage);
        bytes += static_cast<double>(entry) / layer.ratio;
    }
    return bytes;
}

} // namespace bathy::model::deepseek_v4
