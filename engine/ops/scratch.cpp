#include "engine/ops/scratch.h"

#include <algorithm>
#include <new>

namespace bathy::ops {

namespace {
constexpr std::size_t kSmallestChunk = std::size_t{1} << 20;
}

void Scratch::Free::operator()(std::byte* p) const {
    ::operator delete (p, std::align_val_t{kAlignment});
}

std::size_t Scratch::reservedBytes() const {
    std::size_t total = 0;
    for (const auto& chunk : m_chunks)
        total += chunk.size;
    return total;
}

void Scratch::reserve(std::size_t bytes) {
    const bool unused = m_current == 0 && (m_chunks.empty() || m_chunks[0].used == 0);
    if (!unused || reservedBytes() >= bytes)
        return;
    m_chunks.clear();
    addChunk(bytes);
}

void Scratch::addChunk(std::size_t bytes) {
    Chunk chunk;
    chunk.size = std::max(bytes, kSmallestChunk);
    chunk.data.reset(static_cast<std::byte*>(::operator new (chunk.size, std::align_val_t{kAlignment})));
    m_chunks.push_back(std::move(chunk));
}

std::byte* Scratch::takeBytes(std::size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    while (m_current < m_chunks.size() && m_chunks[m_current].size - m_chunks[m_current].used < bytes)
        ++m_current;
    if (m_current == m_chunks.size())
        addChunk(std::max(bytes, reservedBytes() / 2));
    auto& chunk = m_chunks[m_current];
    auto* result = chunk.data.get() + chunk.used;
    chunk.used += bytes;
    return result;
}

void Scratch::release(std::size_t chunk, std::size_t used) {
    for (std::size_t i = chunk; i < m_chunks.size(); ++i)
        m_chunks[i].used = i == chunk ? used : 0;
    m_current = chunk;
    if (chunk == 0 && used == 0 && m_chunks.size() > 1) { // one chunk from now on, as large as all of them
        const auto total = reservedBytes();
        m_chunks.clear();
        addChunk(total);
    }
}

ScratchScope::ScratchScope(Scratch& scratch)
    : m_scratch(scratch), m_chunk(scratch.m_current),
      m_used(scratch.m_current < scratch.m_chunks.size() ? scratch.m_chunks[scratch.m_current].used : 0) {}

ScratchScope::~ScratchScope() {
    m_scratch.release(m_chunk, m_used);
}

} // namespace bathy::ops
