// Dense models (Qwen2, Qwen3, Llama) as a Model. Engine thread.
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/model/dense/open.h"
#include "engine/model/dense/weights.h"

#include <memory>

namespace bathy::model::dense {

class Dense final : public decoder::Decoder {
public:
    // Binds the weights; reads only small tensors. `pool` outlives the model. Errors: those of WeightStore;
    // Cancelled.
    static Result<std::unique_ptr<Dense>> create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                                 device::CpuLevel level, const std::stop_token& stop = {});

private:
    Dense(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool, device::CpuLevel level)
        : Decoder(pool, level), m_opened(std::move(opened)) {}

    const checkpoint::Checkpoint& files() const override { return m_opened->checkpoint; }
    void attend(const decoder::Step& step, std::size_t layer, const float* x, float* y) override;
    void feedForward(const decoder::Step& step, std::size_t layer, const float* x, float* y) override;
    std::uint64_t planScratchBytes(int threads, std::int64_t chunk, std::int64_t tokens) const override;

    const Config& config() const { return m_opened->config; }

    std::shared_ptr<const OpenedModel> m_opened;
    std::vector<LayerWeights> m_layers;
};

} // namespace bathy::model::dense
