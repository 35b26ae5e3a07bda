// What the states of all families do alike when their rows are kept or brought back. Engine thread.
#pragma once

#include "engine/base/system_memory.h"
#include "engine/model/model.h"

#include <new>

namespace bathy::model {

// The lasting rows of a cache of engine/kv. Errors: OutOfMemory.
template <class Cache>
Result<std::vector<std::byte>> copyLastingRows(const Cache& cache, std::int64_t begin, std::int64_t end) {
    constexpr const char* kWhat = "a part of the conversation to be stored";
    const auto bytes = cache.lastingBytes(begin, end);
    BATHY_CHECK(requireMemory(kWhat, bytes));
    try {
        std::vector<std::byte> rows(bytes);
        cache.copyLasting(begin, end, rows);
        return rows;
    } catch (const std::bad_alloc&) {
        return outOfMemory(kWhat, bytes);
    }
}

// Before a state takes in bytes that were kept of another. Errors: BadArgument (the state is not empty), ContextFull
// (`length` tokens are more than it can hold), BadFile (positions that cannot be).
Result<void> checkRestore(const SequenceState& state, std::int64_t begin, std::int64_t length);

} // namespace bathy::model
