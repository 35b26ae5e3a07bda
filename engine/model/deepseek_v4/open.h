// A checkpoint opened as DeepSeek-V4: config parsed, raw tensor names reachable whatever the file calls them.
#pragma once

#include "engine/model/deepseek_v4/config.h"
#include "engine/model/deepseek_v4/tensor_spec.h"
#include "engine/model/opened_model.h"

#include <filesystem>

namespace bathy::model::deepseek_v4 {

struct OpenedModel final : model::OpenedModel {
    // Errors: those of parseConfig; BadFile (a name is taken, a stacked tensor is none).
    static Result<OpenedModel> open(checkpoint::Checkpoint checkpoint);

    const checkpoint::Checkpoint& files() const override { return checkpoint; }
    ModelCard describe() const override;
    telemetry::KvBytes kvBytes(KvFormat format, std::int64_t tokens) const override;
    void visitTensors(const TensorVisitor& visit) const override;
    void visitDraftTensors(const TensorVisitor& visit) const override;
    SpecReport compare() const override { return compareTensors(checkpoint, config, draft); }

    checkpoint::Checkpoint checkpoint; // find() takes raw names (tensor_spec.h): "layers.3.attn.wq_a.weight"
    Config config;
    DraftStages draft;

private:
    OpenedModel(checkpoint::Checkpoint opened, Config parsed, DraftStages stages)
        : checkpoint(std::move(opened)), config(std::move(parsed)), draft(stages) {}
};

} // namespace bathy::model::deepseek_v4
