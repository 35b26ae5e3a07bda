// From one form of a checkpoint to the other: safetensors to GGUF and back. Every value that is stored in another type
// is decoded again and compared, so that "lossless" is a finding and not a promise. Caller's thread.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/gguf_writer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::model::gguf {

struct ConvertOptions {
    // Nothing: as it is stored where the target has that type; else what holds it best (FP8 as Q8_0, FP4 as MXFP4,
    // other blocks as BF16). Rows that are no whole blocks of the type become F16.
    std::optional<DType> dense;
    std::optional<DType> experts;                                          // routed
    ThreadPool* pool = nullptr;                                            // required
    std::function<void(std::uint64_t done, std::uint64_t total)> progress; // bytes written; may be empty
    std::stop_token stop;
};

struct ConvertReport {
    std::uint64_t bytes = 0;
    std::uint64_t tensors = 0;
    std::vector<std::string> changed; // tensors whose values are not all the same
    std::vector<std::string> leftOut; // of the source
    bool lossless() const { return changed.empty() && leftOut.empty(); }
};

// `source` has been opened by its family, which knows its tensors by name. `text` has tokenizer and template, if any.
// Errors: Unsupported (a type that nothing here writes, a model_type that GGUF has no architecture for), those of
// reading and writing, Cancelled.
Result<ConvertReport> toGguf(const checkpoint::Checkpoint& source, checkpoint::GgufPairs text,
                             const std::filesystem::path& file, const ConvertOptions& options);

// Writes config.json and model.safetensors into `folder`, which is made. `source` is an adopted GGUF file.
Result<ConvertReport> toSafetensors(const checkpoint::Checkpoint& source, const std::filesystem::path& folder,
                                    const ConvertOptions& options);

} // namespace bathy::model::gguf
