// A conversation as an engine would report it: synthetic but with the shape of the real thing (skewed experts, hashed
// first layers, confident and doubtful tokens, memory that grows by part). The same seed gives the same events.
#pragma once

#include "engine/api/events.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bathy::testing {

struct SampleShape {
    int layers = 6;
    int experts = 16;
    int perToken = 2;
    int hashLayers = 2;
    int prompt = 24;
    int generated = 120;
    std::uint64_t seed = 1;
};

inline SampleShape flashShape() {
    return {43, 256, 6, 3, 64, 160, 1};
}
inline SampleShape proShape() {
    return {61, 384, 6, 3, 64, 160, 1};
}

api::ModelCard sampleCard(const SampleShape& shape);
// Records of one token: its TokenEvent, RoutingEvents, spans and KvEvent.
std::vector<telemetry::Record> sampleToken(const SampleShape& shape, GenerationId generation, SessionId session,
                                           std::int64_t position, telemetry::TokenPhase phase);
// Model loaded, session opened, prompt, answer, finished, memory plan.
std::vector<api::Event> sampleRun(const SampleShape& shape, SessionId session = SessionId{1},
                                  GenerationId generation = GenerationId{1});
telemetry::KvEvent sampleKv(const SampleShape& shape, SessionId session, std::int64_t tokens);
api::MemoryPlan samplePlan(const SampleShape& shape, const std::vector<std::int64_t>& contexts);

} // namespace bathy::testing
