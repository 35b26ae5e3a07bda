// How fast this machine reads memory: the ceiling of decoding, which reads every active weight once a token.
#pragma once

#include "engine/base/thread_pool.h"

#include <stop_token>

namespace bathy::cli {

// Bytes per second, best of several passes over a buffer far larger than the caches. Takes about half a second.
// 0 when the system has no memory for the buffer, or it was stopped before the first pass.
double measureReadBandwidth(ThreadPool& pool, const std::stop_token& stop = {});

} // namespace bathy::cli
