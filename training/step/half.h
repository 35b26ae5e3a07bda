// The operands of matrix products: bfloat16, or float32 with -DFULL_PRECISION, which is how the gradients are tested
// against plain PyTorch to many digits. And an arena for what forward leaves to backward.
#pragma once
#include "sizes.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <vector>

namespace step {
#ifdef FULL_PRECISION
using half = float;
inline float widen(half x) {
    return x;
}
inline half narrow(float x) {
    return x;
}
#else
using half = uint16_t;
inline float widen(half x) {
    const uint32_t bits = uint32_t(x) << 16;
    float out;
    std::memcpy(&out, &bits, 4);
    return out;
}
inline half narrow(float x) { // to nearest even
    uint32_t bits;
    std::memcpy(&bits, &x, 4);
    return half((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
#endif

inline void narrowed(const float* x, half* out, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
        out[i] = narrow(x[i]);
}

// e^x to about 2e-7 relative: 2^n times a polynomial. Plain arithmetic, so that every compiler puts it into lanes.
inline float quickExp(float x) {
    x = x < -87.0f ? -87.0f : x > 87.0f ? 87.0f : x;
    const float n = std::nearbyint(x * 1.44269504f);
    const float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    float p = 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const uint32_t bits = uint32_t(int32_t(n) + 127) << 23;
    float power;
    std::memcpy(&power, &bits, 4);
    return p * power;
}

inline float sigmoid(float x) {
    return 1.0f / (1.0f + quickExp(-x));
}

// Memory that lives until the piece is done. Aligned to 64 bytes; not cleared.
class Arena {
public:
    template <class T>
    T* take(int64_t count) {
        const size_t bytes = (size_t(count) * sizeof(T) + 63) / 64 * 64 + 64;
        if (m_used + bytes > BLOCK) {
            if (++m_block == int(m_blocks.size())) {
                m_blocks.emplace_back(static_cast<char*>(std::aligned_alloc(HUGE_PAGE, BLOCK)), std::free);
                madvise(m_blocks.back().get(), BLOCK, MADV_HUGEPAGE);
            }
            m_used = 0;
            if (bytes > BLOCK)
                std::abort();
        }
        char* at = m_blocks[size_t(m_block)].get() + m_used;
        m_used += bytes;
        return reinterpret_cast<T*>(at);
    }
    template <class T>
    T* zeros(int64_t count) {
        T* at = take<T>(count);
        std::memset(static_cast<void*>(at), 0, size_t(count) * sizeof(T));
        return at;
    }
    struct Mark {
        int block;
        size_t used;
    };
    Mark mark() const { return {m_block, m_used}; }
    void release(Mark m) { m_block = m.block, m_used = m.used; }
    void reset() { release({-1, BLOCK}); }

private:
    static constexpr size_t BLOCK = size_t(64) << 20, HUGE_PAGE = size_t(2) << 20;
    std::vector<std::unique_ptr<char, void (*)(void*)>> m_blocks;
    int m_block = -1;
    size_t m_used = BLOCK;
};

// What is taken after this is given back at the end of the scope.
class Scratch {
public:
    explicit Scratch(Arena& arena) : m_arena(arena), m_mark(arena.mark()) {}
    ~Scratch() { m_arena.release(m_mark); }
    Scratch(const Scratch&) = delete;

private:
    Arena& m_arena;
    Arena::Mark m_mark;
};
} // namespace step
