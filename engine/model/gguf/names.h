// GGUF tensor names and what the families call the same tensors.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"

#include <span>
#include <string_view>

namespace bathy::model::gguf {

enum class Form : std::uint8_t {
    Whole,   // the same matrix under another name
    Experts, // [E, rows, cols]: one matrix for each expert, `to` has a '#' where its number goes
    GateUp,  // [E, 2 rows, cols]: gate above up, for each expert; `to` and `second`
    Heads,   // [H, rows, cols]: one matrix [H rows, cols]
};

struct Rename {
    std::string_view from; // of one layer: without "blk.<i>."
    std::string_view to;   // without the layer's prefix
    Form form = Form::Whole;
    std::string_view second = {};
};

struct NameTable {
    std::string_view layerPrefix; // "layers." or "model.layers.", followed by the number and a dot
    std::span<const Rename> top;
    std::span<const Rename> layer;
    std::string_view embedding; // serves as the output matrix of files that have none ...
    std::string_view head;      // ... under this name
};

const NameTable& deepseek4Names();
const NameTable& mlaNames();   // deepseek2, deepseek32
const NameTable& denseNames(); // qwen2, qwen3, llama

// Adds an alias for every tensor that the table names; others stay as they are. A side tensor "X.scale" of "X.weight"
// follows it. Errors: BadFile when a fused tensor has no such shape.
Result<void> addNames(checkpoint::Checkpoint& checkpoint, const NameTable& table);

// Whether a GGUF tensor belongs to a draft block behind the main ones or only describes activations (input_scale):
// known, and not needed.
bool isDraftOrSide(std::string_view name, int mainBlocks);

} // namespace bathy::model::gguf
