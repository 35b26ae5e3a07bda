#include "engine/runtime/generation.h"

namespace bathy::runtime {

Work Generation::work() const {
    Work work;
    work.generation = id;
    work.phase = phase;
    work.position = static_cast<std::int64_t>(session->tokens.size());
    work.prefillEnd = checkpoints.empty() ? static_cast<std::int64_t>(prompt.size()) : checkpoints.front();
    work.prefillChunk = session->prefillChunk;
    work.lastServed = lastServed;
    work.stopping = done || stop.stop_requested();
    return work;
}

} // namespace bathy::runtime
