// A checkpoint opened as a model of the DeepSeek-V3 family.
#pragma once

#include "engine/model/deepseek_v3/config.h"
#include "engine/model/opened_model.h"

namespace bathy::model::deepseek_v3 {

struct OpenedModel final : model::OpenedModel {
    // Errors: those of parseConfig; BadFile (a name is taken).
    static Result<OpenedModel> open(checkpoint::Checkpoint checkpoint);

    const checkpoint::Checkpoint& files() const override { return checkpoint; }
    ModelCard describe() const override;
    telemetry::KvBytes kvBytes(KvFormat format, std::int64_t tokens) const override;
    void visitTensors(const TensorVisitor& visit) const override;
    SpecReport compare() const override;

    checkpoint::Checkpoint checkpoint; // scales are reachable as "x.scale" whatever the file calls them
    Config config;
    bool splitKeyValue = false; // kv_b_proj comes as k_b_proj and v_b_proj

private:
    OpenedModel(checkpoint::Checkpoint opened, Config parsed, bool split)
        : checkpoint(std::move(opened)), config(std::move(parsed)), splitKeyValue(split) {}
};

} // namespace bathy::model::deepseek_v3
