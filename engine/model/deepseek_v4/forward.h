// The forward pass of DeepSeek-V4 over one chunk of tokens, as section 2 of the specification writes it.
#pragma once

#include "engine/model/deepseek_v4/block.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::model::deepseek_v4 {

// Which weights a model has read so far.
struct TouchedWeights {
    std::vector<bool> embeddingRows;        // [vocab]
    std::vector<std::vector<bool>> experts; // [layer][expert]
    bool layers = false;                    // everything of the layers but the routed experts
    bool head = false;                      // final norm, HC head, output matrix
    std::vector<bool> draftExperts;         // [expert] of the draft block
    bool draft = false;                     // everything of the draft block but its routed experts
};

// Takes the chunk in and writes the logits asked for. When the step was stopped the caches hold unfinished rows and the
// caller undoes the step.
void forwardChunk(const Step& step, const Weights& weights, const LogitsRequest& logits, TouchedWeights& touched);

} // namespace bathy::model::deepseek_v4
