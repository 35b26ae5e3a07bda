// The DeepSeek-V3 family (V2-Lite, V2, V3, R1, V3.1, V3.2) as a Model. Engine thread.
#pragma once

#include "engine/model/decoder/decoder.h"
#include "engine/model/deepseek_v3/open.h"
#include "engine/model/deepseek_v3/weights.h"

#include <memory>
#include <vector>

namespace bathy::model::deepseek_v3 {

class DeepseekV3 final : public decoder::Decoder {
public:
    // Binds the weights; reads only small tensors. `pool` outlives the model. Errors: those of WeightStore; Unsupported
    // (more experts per token than this build takes); Cancelled.
    static Result<std::unique_ptr<DeepseekV3>> create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                                      device::CpuLevel level, const std::stop_token& stop = {});

private:
    DeepseekV3(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool, device::CpuLevel level)
        : Decoder(pool, level), m_opened(std::move(opened)) {}

    const checkpoint::Checkpoint& files() const override { return m_opened->checkpoint; }
    void attend(const decoder::Step& step, std::size_t layer, const float* x, float* y) override;
    void feedForward(const decoder::Step& step, std::size_t layer, const float* x, float* y) override;
    std::uint64_t planScratchBytes(int threads, std::int64_t chunk, std::int64_t tokens) const override;
    std::uint64_t untouchedExpertBytes() const override;

    const Config& config() const { return m_opened->config; }

    std::shared_ptr<const OpenedModel> m_opened;
    std::vector<LayerWeights> m_layers;
    std::vector<std::vector<bool>> m_expertsTouched; // [layer][expert]; empty for layers without
};

} // namespace bathy::model::deepseek_v3
