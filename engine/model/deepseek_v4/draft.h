// The MTP block (spec 2.12): one more block that guesses the token after next. For position p it takes the main model's
// streams X_p and the token at p + 1, and its logits are of the token at p + 2. A deeper guess takes the block's own
// streams for X and the guess before it for the token. It attends over a window of its own earlier rows, all of which
// belong to true tokens but those of the guesses in hand; it only guesses, so a window with fewer rows is no error.
#pragma once

#include "engine/model/deepseek_v4/block.h"
#include "engine/model/deepseek_v4/forward.h"

namespace bathy::model::deepseek_v4 {

// Runs the block on T positions: `step.first` is the first one, `step.ids` the tokens behind each. X `streams` [T, n,
// d], the block's own streams Z `out` [T, n, d]; the window takes in the positions.
void runDraft(const Step& step, const Weights& weights, const float* streams, float* out, const LogitsRequest& logits,
              TouchedWeights& touched);

// After a chunk of the main model, whose last layer left `streams` [T, n, d]: brings the block's window up to the
// position before the chunk's last token, as far as later guesses can see, and keeps the last streams to guess from.
void followChunk(const Step& step, const Weights& weights, const float* streams, TouchedWeights& touched);

} // namespace bathy::model::deepseek_v4
