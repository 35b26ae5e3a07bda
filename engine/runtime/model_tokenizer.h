// The tokenizer of a model, from wherever its files keep it: tokenizer.json beside the weights, or the metadata of a
// GGUF file. Any thread.
#pragma once

#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/gguf_writer.h"
#include "engine/tokenizer/tokenizer.h"

#include <filesystem>
#include <string>

namespace bathy::runtime {

// Errors: NoTokenizer (there is none), those of Tokenizer::parse.
Result<tokenizer::Tokenizer> loadTokenizer(const checkpoint::Checkpoint& checkpoint);
// `path` is what a user may call a model, or a tokenizer.json.
Result<tokenizer::Tokenizer> loadTokenizer(const std::filesystem::path& path);

// tokenizer.json of a GGUF file. Errors: NoTokenizer, BadFile, Unsupported.
Result<std::string> tokenizerJsonOf(const checkpoint::GgufMetadata& metadata);
// The pairs tokenizer.* of a GGUF file for this model, without the ids of end tokens. Errors: BadFile, Unsupported.
Result<checkpoint::GgufPairs> tokenizerPairs(const checkpoint::Checkpoint& checkpoint);

} // namespace bathy::runtime
