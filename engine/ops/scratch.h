// Work space of the ops: a stack of memory that grows until it has met the largest step and then never allocates again.
// Owned and used by one thread (the engine thread); blocks taken before a parallel loop may be used inside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace bathy::ops {

class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    // Uninitialised memory, 64-byte aligned, valid until the enclosing ScratchScope ends.
    template <class T>
    std::span<T> take(std::int64_t count) {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= kAlignment);
        return {reinterpret_cast<T*>(takeBytes(static_cast<std::size_t>(count) * sizeof(T))),
                static_cast<std::size_t>(count)};
    }

    // Makes room for `bytes` in one piece, so that a step which needs no more than that allocates nothing and holds
    // nothing more. Does nothing when there is room already or while anything is taken.
    void reserve(std::size_t bytes);

    // Bytes held from the system, used or not.
    std::size_t reservedBytes() const;

private:
    friend class ScratchScope;
    static constexpr std::size_t kAlignment = 64;

    struct Free {
        void operator()(std::byte* p) const;
    };
    struct Chunk {
        std::unique_ptr<std::byte, Free> data;
        std::size_t size = 0;
        std::size_t used = 0;
    };

    std::byte* takeBytes(std::size_t bytes);
    void addChunk(std::size_t bytes);
    void release(std::size_t chunk, std::size_t used);

    std::vector<Chunk> m_chunks;
    std::size_t m_current = 0; // the chunk that is being filled
};

// Everything taken from the scratch during the life of this object is handed back at its end. Scopes nest.
class ScratchScope {
public:
    explicit ScratchScope(Scratch& scratch);
    ~ScratchScope();
    ScratchScope(const ScratchScope&) = delete;
    ScratchScope& operator=(const ScratchScope&) = delete;

private:
    Scratch& m_scratch;
    std::size_t m_chunk;
    std::size_t m_used;
};

} // namespace bathy::ops
