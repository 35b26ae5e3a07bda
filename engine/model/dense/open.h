// A checkpoint opened as a dense model.
#pragma once

#include "engine/model/dense/config.h"
#include "engine/model/opened_model.h"

namespace bathy::model::dense {

struct OpenedModel final : model::OpenedModel {
    // Errors: those of parseConfig.
    static Result<OpenedModel> open(checkpoint::Checkpoint checkpoint);

    const checkpoint::Checkpoint& files() const override { return checkpoint; }
    ModelCard describe() const override;
    telemetry::KvBytes kvBytes(KvFormat format, std::int64_t tokens) const override;
    void visitTensors(const TensorVisitor& visit) const override;
    SpecReport compare() const override;

    checkpoint::Checkpoint checkpoint;
    Config config;

private:
    OpenedModel(checkpoint::Checkpoint opened, Config parsed)
        : checkpoint(std::move(opened)), config(std::move(parsed)) {}
};

} // namespace bathy::model::dense
