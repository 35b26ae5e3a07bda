// Multi-head latent attention (spec section 3), over every token or over those that the indexer picks (section 8).
// There is one formulation for every token, the absorbed one: queries are taken into the space of the latents, which
// are key and value at once, so that a token gets the same bits in a prompt of any cut and alone. The naive
// formulation, which expands keys and values per head, needs about a third of the multiply-adds between a query and a
// key in a long prompt, but other sums, and with them other last bits.
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/model/deepseek_v3/weights.h"

namespace bathy::model::deepseek_v3 {

// y [T, d] from the normed x [T, d]; stores the chunk's latents and index keys. y must not overlap x.
void attend(const decoder::Step& step, const Config& config, const LayerWeights& weights, kv::PositionLayer& cache,
            const float* x, float* y);

// Floats that it takes, an upper bound.
std::int64_t planAttention(const Config& config, const decoder::PlanSize& size);

} // namespace bathy::model::deepseek_v3
