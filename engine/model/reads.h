// What a forward pass reads from memory at the least, by arithmetic from headers and shapes: every matrix it needs
// once, every cached row that one of its tokens sees once. Activations, the raw rows of unfinished groups and all that
// is written are not counted. Pure functions, any thread.
#pragma once

#include "engine/model/opened_model.h"

#include <cstdint>
#include <vector>

namespace bathy::model {

// The tokens that go through the layers together.
struct TokenPass {
    std::int64_t first = 0; // position of the first one
    std::int64_t tokens = 0;
    bool operator==(const TokenPass&) const = default;
};

// Stored bytes of weights, scales included.
struct WeightReads {
    std::uint64_t everyPass = 0;       // all layers without their routed experts
    std::uint64_t everyToken = 0;      // rows of the embedding and of the tables of hash routers
    std::uint64_t logits = 0;          // once a pass that gives logits: final norm and output matrix
    std::vector<std::uint64_t> expert; // by layer: one routed expert; 0 where there are none
};
WeightReads weightReads(const OpenedModel& model);

// Bytes of cached rows. `facts` are describe() of the model. Where an indexer picks rows for several tokens, they may
// pick different ones: then it is the most they can read.
std::uint64_t kvBytesRead(const OpenedModel& model, const ModelCard& facts, KvFormat format, const TokenPass& pass);

} // namespace bathy::model
