#include "engine/model/deepseek_v4/state.h"

#include "engine/base/system_memory.h"
#include "engine/model/stored_rows.h"

#include <limits>
#include <new>
#include <string>

namespace bathy::model::deepseek_v4 {
namespace {

constexpr int kLargestSlack = 4096;
constexpr int kLargestCheckpointLimit = 4096;

// The sizes for which the packed records of spec 3.2 are defined.
bool hasPublishedHeadSizes(const Config& config) {
    return config.headDim == 512 && config.ropeDim == 64 && config.indexHeadDim == 128;
}

KvFormat resolve(const Config& config, Precision precision, KvFormat asked) {
    if (asked != KvFormat::Auto)
        return asked;
    if (precision == Precision::Exact)
        return KvFormat::F32;
    return hasPublishedHeadSizes(config) ? KvFormat::Packed : KvFormat::BF16;
}

ops::KvRowFormat rowFormat(KvFormat format) {
    if (format == KvFormat::F32)
        return ops::KvRowFormat::F32;
    return format == KvFormat::BF16 ? ops::KvRowFormat::Bf16 : ops::KvRowFormat::Packed;
}

ops::IndexKeyFormat keyFormat(KvFormat format) {
    switch (format) {
    case KvFormat::F32:
        return ops::IndexKeyFormat::F32;
    case KvFormat::PackedFp8Index:
        return ops::IndexKeyFormat::Fp8;
    case KvFormat::Packed:
        return ops::IndexKeyFormat::Fp4;
    case KvFormat::Auto:
    case KvFormat::BF16:
        break;
    }
    return ops::IndexKeyFormat::Bf16;
}

// One token's raw u and z, float32.
std::int64_t stateBytes(const LayerConfig& layer, std::int64_t width) {
    return 2 * layer.compressorParts() * width * static_cast<std::int64_t>(sizeof(float));
}

kv::LayerCacheSpec cacheSpec(const Config& config, const LayerConfig& layer, const RowFormats& formats) {
    kv::LayerCacheSpec spec;
    spec.windowTokens = config.slidingWindow;
    spec.rowBytes = ops::kvRowBytes(formats.rows);
    if (!layer.compressed())
        return spec;
    spec.ratio = layer.ratio;
    spec.overlap = layer.overlapping();
    spec.stateRowBytes = stateBytes(layer, config.headDim);
    spec.entries = kv::EntryKind::HeavilyCompressed;
    if (layer.attention == AttentionKind::CompressedSparse) {
        spec.entries = kv::EntryKind::CompressedSparse;
        spec.indexKeyBytes = ops::indexKeyBytes(formats.keys, config.indexHeadDim);
        spec.indexStateBytes = stateBytes(layer, config.indexHeadDim);
    }
    return spec;
}

Result<std::int64_t> chooseContextLimit(const Config& config, std::int64_t asked) {
    const auto largest = std::min<std::int64_t>(config.contextLength, std::numeric_limits<std::int32_t>::max());
    if (asked < 0 || asked > largest)
        return Error(ErrorCode::BadArgument, "a context of " + std::to_string(asked) +
                                                 " tokens is outside the model's 1.." + std::to_string(largest));
    return asked == 0 ? largest : asked;
}

Result<void> checkRange(const char* what, int value, int largest) {
    if (value < 0 || value > largest)
        return Error(ErrorCode::BadArgument,
                     std::string(what) + " of " + std::to_string(value) + " is outside 0.." + std::to_string(largest));
    return {};
}

} // namespace

Result<RowFormats> chooseFormats(const Config& config, Precision precision, KvFormat asked) {
    RowFormats formats;
    formats.precision = precision;
    formats.kvFormat = resolve(config, precision, asked);
    formats.rows = {rowFormat(formats.kvFormat), config.headDim, config.ropeDim};
    formats.keys = keyFormat(formats.kvFormat);
    if (formats.rows.format != ops::KvRowFormat::Packed)
        return formats;
    if (precision == Precision::Exact)
        return Error(ErrorCode::Unsupported,
                     "packed cache rows hold values on the FP8 grid, which exact precision does not make",
                     "choose f32 or bf16 rows, or fast precision");
    if (!hasPublishedHeadSizes(config))
        return Error(ErrorCode::Unsupported,
                     "packed cache rows are defined for heads of 512 channels with 64 rotated and index keys of 128, "
                     "this model has " +
                         std::to_string(config.headDim) + ", " + std::to_string(config.ropeDim) + " and " +
                         std::to_string(config.indexHeadDim),
                     "choose bf16 rows");
    return formats;
}

Result<std::unique_ptr<State>> State::create(const Config& config, bool drafts, const StateOptions& options,
                                             const Model* owner) {
    BATHY_TRY(const auto formats, chooseFormats(config, options.precision, options.kvFormat));
    BATHY_TRY(const auto maxTokens, chooseContextLimit(config, options.contextLimit));
    BATHY_CHECK(checkRange("a rollback slack", options.rollbackSlack, kLargestSlack));
    BATHY_CHECK(checkRange("a checkpoint limit", options.checkpointLimit, kLargestCheckpointLimit));
    std::vector<kv::LayerCacheSpec> specs;
    for (const auto& layer : config.layers)
        specs.push_back(cacheSpec(config, layer, formats));
    if (drafts) {
        specs.push_back(cacheSpec(config, Config::draftLayer(), formats));
        specs.back().streamBytes = config.streamWidth() * static_cast<std::int64_t>(sizeof(float));
    }
    const kv::SequenceCache::Options limits{maxTokens, options.rollbackSlack, options.checkpointLimit};
    BATHY_TRY(auto cache, kv::SequenceCache::create(specs, limits));
    return std::unique_ptr<State>(new State(formats, std::move(cache), owner, drafts));
}

const float* State::guessFrom() const {
    return m_guesses.count > 0 ? m_guesses.streams.data()
                               : reinterpret_cast<const float*>(draftCache().state.row(length() - 1));
}

bool State::canGuess() const {
    return m_drafts && length() > 0 && draftCache().state.holds(length() - 1, length());
}

Result<void> State::checkGuess() const {
    if (!canGuess())
        return Error(ErrorCode::BadArgument, "nothing was kept of the last token to guess from");
    if (m_guesses.count >= std::max(1, m_cache.slack()))
        return Error(ErrorCode::BadArgument, "a sequence takes back " + std::to_string(m_cache.slack()) +
                                                 " tokens and guesses no more in a row");
    return {};
}

void State::endGuesses(TokenId next) {
    m_cache.forgetGuesses(m_guesses.count > 0 && m_guesses.first == next);
    m_guesses.count = 0;
}

Result<std::unique_ptr<SequenceState>> State::fork(std::int64_t position) const {
    const auto needed = m_cache.forkBytes(position);
    BATHY_CHECK(requireMemory("a copy of the conversation", needed));
    try {
        BATHY_TRY(auto cache, m_cache.fork(position));
        return std::unique_ptr<SequenceState>(new State(m_formats, std::move(cache), m_owner, m_drafts));
    } catch (const std::bad_alloc&) {
        return outOfMemory("a copy of the conversation", needed);
    }
}

Result<std::vector<std::byte>> State::lastingRows(std::int64_t begin, std::int64_t end) const {
    return copyLastingRows(m_cache, begin, end);
}

Result<std::vector<std::byte>> State::recentRows() const {
    try {
        return m_cache.recentRows();
    } catch (const std::bad_alloc&) {
        return outOfMemory("the end of the conversation to be stored", m_cache.memory().reservedBytes);
    }
}

Result<void> State::restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) {
    BATHY_CHECK(checkRestore(*this, begin, end));
    return m_cache.restoreLasting(begin, end, bytes);
}

Result<void> State::restoreRecent(std::int64_t length, std::span<const std::byte> bytes) {
    BATHY_CHECK(checkRestore(*this, 0, length));
    try {
        return m_cache.restoreRecent(length, bytes);
    } catch (const std::bad_alloc&) {
        return outOfMemory("the end of the stored conversation", bytes.size());
    }
}

} // namespace bathy::model::deepseek_v4
