// Parameter and memory arithmetic of a DeepSeek-V4 config. Pure functions of the config; nothing is measured here.
#pragma once

#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/tensor_spec.h"

#include <array>
#include <cstdint>

namespace bathy::model::deepseek_v4 {

// Main model, draft stages not counted.
ParameterCount countParameters(const Config& config);
// Of the draft stages alone.
std::uint64_t countDraftParameters(const Config& config, DraftStages draft);

// How cached rows are stored.
enum class KvStorage : std::uint8_t {
    F32,
    BF16,
    Packed,         // 584-byte rows (448 e4m3 + 64 bf16 + 7 scales + pad) and FP4 index keys (68 bytes)
    PackedFp8Index, // the same rows and FP8 index keys (132 bytes)
};
// Bytes of one row of `headDim` channels, the last `ropeDim` kept in bf16 when packed.
std::uint64_t kvRowBytes(const Config& config, KvStorage storage);
std::uint64_t indexKeyBytes(const Config& config, KvStorage storage);

struct KvBytes {
    std::uint64_t window = 0; // rings of slidingWindow rows, constant
    std::uint64_t csaEntries = 0;
    std::uint64_t indexKeys = 0;
    std::uint64_t hcaEntries = 0;
    std::uint64_t compressorState = 0; // raw (u, z) rows in F32, constant
    std::uint64_t entriesAndRings() const { return window + csaEntries + indexKeys + hcaEntries; }
    std::uint64_t total() const { return entriesAndRings() + compressorState; }
};
// What a sequence of `tokens` tokens holds, main layers only.
KvBytes kvBytes(const Config& config, KvStorage storage, std::int64_t tokens);
// What the MTP block holds once its window is full: the window and one token's residual streams in F32; constant.
std::uint64_t draftKvBytes(const Config& config, KvStorage storage);
// Long-run average growth.
double kvBytesPerToken(const Config& config, KvStorage storage);

} // namespace bathy::model::deepseek_v4
