// A checkpoint opened as a model of some family but not loaded: config parsed, raw tensor names reachable whatever the
// file calls them. Immutable, any thread.
#pragma once

#include "engine/base/precision.h"
#include "engine/base/result.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/model_card.h"
#include "engine/model/tensor_spec.h"
#include "engine/telemetry/kv_parts.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

namespace bathy::model {

class OpenedModel {
public:
    virtual ~OpenedModel() = default;

    virtual const checkpoint::Checkpoint& files() const = 0;
    virtual ModelCard describe() const = 0;
    // What a sequence of `tokens` tokens holds; rings and states that do not grow are counted at their least. Forms
    // that the family does not have count as BF16.
    virtual telemetry::KvBytes kvBytes(KvFormat format, std::int64_t tokens) const = 0;
    // The tensors that a forward pass reads; those of the draft block, where this build runs it, apart.
    virtual void visitTensors(const TensorVisitor& visit) const = 0;
    virtual void visitDraftTensors(const TensorVisitor& /*visit*/) const {}
    // Every tensor's presence, shape and dtype against the config. Reads headers only.
    virtual SpecReport compare() const = 0;
};

// The family is chosen by model_type of config.json. Errors: those of Checkpoint::open; NotFound (no config.json);
// BadFile (config, or one error that lists all differences between tensors and config); Unsupported (another family);
// Cancelled.
Result<std::shared_ptr<const OpenedModel>> openModel(const std::filesystem::path& path,
                                                     const std::stop_token& stop = {});

// The same without the comparison, for tools that report the differences themselves.
Result<std::shared_ptr<const OpenedModel>> openUnchecked(const std::filesystem::path& path,
                                                         const std::stop_token& stop = {});

} // namespace bathy::model
