#include "engine/model/decoder/state.h"

#include "engine/base/system_memory.h"
#include "engine/model/stored_rows.h"

#include <algorithm>
#include <limits>
#include <new>
#include <string>

namespace bathy::model::decoder {
namespace {

Result<std::int64_t> chooseContextLimit(std::int64_t contextLength, std::int64_t asked) {
    const auto largest = std::min<std::int64_t>(contextLength, std::numeric_limits<std::int32_t>::max());
    if (asked < 0 || asked > largest)
        return Error(ErrorCode::BadArgument, "a context of " + std::to_string(asked) +
                                                 " tokens is outside the model's 1.." + std::to_string(largest));
    return asked == 0 ? largest : asked;
}

} // namespace

Result<RowFormats> chooseFormats(Precision precision, KvFormat asked) {
    RowFormats formats;
    formats.precision = precision;
    formats.kvFormat = asked != KvFormat::Auto ? asked : precision == Precision::Exact ? KvFormat::F32 : KvFormat::BF16;
    if (formats.kvFormat != KvFormat::F32 && formats.kvFormat != KvFormat::BF16)
        return Error(ErrorCode::Unsupported, "packed cache rows are those of the DeepSeek-V4 family",
                     "choose bf16 rows");
    const bool full = formats.kvFormat == KvFormat::F32;
    formats.rows = full ? ops::KvRowFormat::F32 : ops::KvRowFormat::Bf16;
    formats.keys = full               ? ops::IndexKeyFormat::F32
                   : formats.onGrid() ? ops::IndexKeyFormat::Fp8
                                      : ops::IndexKeyFormat::Bf16;
    return formats;
}

kv::PositionLayerSpec rowSpec(const RowShape& shape, const RowFormats& formats) {
    kv::PositionLayerSpec spec;
    spec.rowBytes = shape.groups * ops::kvRowBytes({formats.rows, shape.channels, 0});
    if (shape.indexDim > 0)
        spec.indexKeyBytes = ops::indexKeyBytes(formats.keys, shape.indexDim);
    return spec;
}

Result<std::unique_ptr<State>> State::create(const Shape& shape, const StateOptions& options, const Model* owner) {
    BATHY_TRY(const auto formats, chooseFormats(options.precision, options.kvFormat));
    BATHY_TRY(const auto maxTokens, chooseContextLimit(shape.contextLength, options.contextLimit));
    std::vector<kv::PositionLayerSpec> specs;
    for (const auto& layer : shape.layers)
        specs.push_back(rowSpec(layer, formats));
    BATHY_TRY(auto cache, kv::PositionCache::create(specs, {maxTokens, shape.rowsAre}));
    return std::unique_ptr<State>(new State(formats, std::move(cache), owner));
}

Result<std::unique_ptr<SequenceState>> State::fork(std::int64_t position) const {
    const auto needed = m_cache.forkBytes(position);
    BATHY_CHECK(requireMemory("a copy of the conversation", needed));
    try {
        BATHY_TRY(auto cache, m_cache.fork(position));
        return std::unique_ptr<SequenceState>(new State(m_formats, std::move(cache), m_owner));
    } catch (const std::bad_alloc&) {
        return outOfMemory("a copy of the conversation", needed);
    }
}

Result<std::vector<std::byte>> State::lastingRows(std::int64_t begin, std::int64_t end) const {
    return copyLastingRows(m_cache, begin, end);
}

Result<void> State::restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) {
    BATHY_CHECK(checkRestore(*this, begin, end));
    return m_cache.restoreLasting(begin, end, bytes);
}

Result<void> State::restoreRecent(std::int64_t length, std::span<const std::byte> bytes) {
    BATHY_CHECK(checkRestore(*this, 0, length));
    if (!bytes.empty())
        return Error(ErrorCode::BadFile, "stored rows go on where this family has none");
    BATHY_CHECK(m_cache.beginStep(length));
    m_cache.commitStep(length);
    return {};
}

} // namespace bathy::model::decoder
