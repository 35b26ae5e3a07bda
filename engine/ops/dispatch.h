// Choosing the variant of a kernel and cutting work over the threads. Private to engine/ops.
#pragma once

#include "engine/ops/context.h"

#include <algorithm>
#include <functional>

// The variant of kernels::NAME that the context asks for.
#ifdef BATHY_X86_KERNELS
#define BATHY_OPS_PICK(context, name)                                                                                  \
    ::bathy::ops::pickVariant((context).level, kernels::name##Reference, kernels::name##Avx2, kernels::name##Avx512)
#else
#define BATHY_OPS_PICK(context, name) (static_cast<void>(context), kernels::name##Reference)
#endif

namespace bathy::ops {

// Multiply-adds below which waking another thread costs more than it saves.
inline constexpr std::int64_t kWorkPerThread = 1 << 17;

// Multiply-adds of one thread between two looks at the stop token: about ten milliseconds of a slow core.
inline constexpr std::int64_t kWorkPerLook = 1 << 26;

// Items between two looks when one costs `work` multiply-adds.
inline std::int64_t itemsPerLook(std::int64_t work) {
    return std::max<std::int64_t>(1, kWorkPerLook / std::max<std::int64_t>(1, work));
}

template <class Function>
Function* pickVariant(CpuLevel level, Function* reference, Function* avx2, Function* avx512) {
    if (level == CpuLevel::Avx512)
        return avx512;
    return level == CpuLevel::Avx2 ? avx2 : reference;
}

// body(begin, end, worker) over [0, count); `workPerItem` in multiply-adds decides whether threads are worth it. Each
// thread calls body for `piece` items after another, as long as nobody asks to stop: what was not reached then stays as
// it was, and whoever uses the result looks at the token first.
template <class Body>
void parallel(Context& context, std::int64_t count, std::int64_t workPerItem, std::int64_t piece, const Body& body) {
    const auto grain = std::max<std::int64_t>(1, kWorkPerThread / std::max<std::int64_t>(1, workPerItem));
    const auto run = [&](std::size_t first, std::size_t last, int worker) {
        const auto end = static_cast<std::int64_t>(last);
        for (auto begin = static_cast<std::int64_t>(first); begin < end && !context.stop.stop_requested();
             begin += piece)
            body(begin, std::min(end, begin + piece), worker);
    };
    if (count <= grain)
        return run(0, static_cast<std::size_t>(std::max<std::int64_t>(0, count)), 0);
    // std::ref keeps std::function from copying the closure to the heap.
    context.pool.parallelFor(static_cast<std::size_t>(count), static_cast<std::size_t>(grain), std::ref(run));
}

template <class Body>
void parallel(Context& context, std::int64_t count, std::int64_t workPerItem, const Body& body) {
    parallel(context, count, workPerItem, itemsPerLook(workPerItem), body);
}

// Work space for each thread of a parallel loop, taken before the loop.
class PerThread {
public:
    PerThread(Context& context, std::int64_t floats)
        : m_floats((floats + 15) / 16 * 16), m_all(context.scratch.take<float>(m_floats * context.pool.threadCount())) {
    }
    float* operator[](int worker) const { return m_all.data() + worker * m_floats; }

private:
    std::int64_t m_floats;
    std::span<float> m_all;
};

} // namespace bathy::ops
