#include "engine/kv/layer_cache.h"

#include <algorithm>

namespace bathy::kv {

std::int64_t LayerCacheSpec::stateBegin(std::int64_t position) const {
    if (ratio == 0)
        return position;
    return std::max<std::int64_t>(0, position / ratio * ratio - (overlap ? ratio : 0));
}

std::int64_t LayerCacheSpec::windowBegin(std::int64_t position) const {
    return std::max<std::int64_t>(0, position - (windowTokens - 1));
}

Result<LayerCache> LayerCache::create(const LayerCacheSpec& spec, std::int64_t maxTokens, std::int64_t slack) {
    LayerCache cache;
    cache.spec = spec;
    cache.window = RowRing(spec.windowTokens + slack, spec.rowBytes);
    if (spec.draft())
        cache.state = RowRing(1 + slack, spec.streamBytes);
    if (spec.entries == EntryKind::None)
        return cache;
    cache.state = RowRing(spec.stateTokens() + slack, spec.stateRowBytes);
    BATHY_TRY(cache.entries, EntryRows::create(spec.rowBytes, spec.entryCount(maxTokens)));
    if (spec.indexKeyBytes == 0)
        return cache;
    cache.indexState = RowRing(spec.stateTokens() + slack, spec.indexStateBytes);
    BATHY_TRY(cache.indexKeys, EntryRows::create(spec.indexKeyBytes, spec.entryCount(maxTokens)));
    return cache;
}

bool LayerCache::reaches(std::int64_t position) const {
    if (spec.draft())
        return true;
    if (!window.holds(spec.windowBegin(position), position))
        return false;
    const auto begin = spec.stateBegin(position);
    return (state.capacity() == 0 || state.holds(begin, position)) &&
           (indexState.capacity() == 0 || indexState.holds(begin, position));
}

void LayerCache::forgetDrafts(std::int64_t length, bool keepLast) {
    if (!spec.draft())
        return;
    window.forgetFrom(keepLast ? length : length - 1);
    state.forgetFrom(length);
}

Result<void> LayerCache::reserve(std::int64_t tokens) {
    BATHY_CHECK(entries.reserve(spec.entryCount(tokens)));
    return indexKeys.reserve(spec.entryCount(tokens));
}

} // namespace bathy::kv
