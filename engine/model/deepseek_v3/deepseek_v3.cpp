#include "engine/model/deepseek_v3/deepseek_v3.h"

#include "engine/model/decoder/feed_forward.h"
#include "engine/model/deepseek_v3/attention.h"
#include "engine/model/deepseek_v3/moe.h"
#include "engine/model/deepseek_v3/scratch_plan.h"
#include "engine/model/rope_tables.h"

#include <string>

namespace bathy::model::deepseek_v3 {
namespace {

decoder::Facts factsOf(const Config& c) {
    decoder::Facts facts;
    facts.family = "deepseek_v3";
    facts.vocabSize = c.vocabSize;
    facts.hiddenSize = c.hiddenSize;
    facts.contextLength = c.contextLength;
    facts.layerCount = c.layerCount;
    facts.routedExperts = c.router.experts;
    facts.expertsPerToken = c.router.chosen;
    facts.rmsEps = c.rmsEps;
    facts.ropeFrequencies = ropeFrequencies(c.rope, c.ropeDim);
    facts.ropeMagnitude = c.rope.magnitude();
    facts.state.layers.assign(static_cast<std::size_t>(c.layerCount),
                              {1, c.latentDim(), c.indexer ? c.indexer->headDim : 0});
    facts.state.rowsAre = telemetry::KvPart::Latents;
    facts.state.contextLength = c.contextLength;
    return facts;
}

std::uint64_t expertBytes(const ops::ExpertWeights& expert) {
    return static_cast<std::uint64_t>(ops::weightBytes(expert.w1) + ops::weightBytes(expert.w2) +
                                      ops::weightBytes(expert.w3));
}

} // namespace

Result<std::unique_ptr<DeepseekV3>> DeepseekV3::create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                                       device::CpuLevel level, const std::stop_token& stop) {
    if (opened->config.router.chosen > telemetry::kMaxExpertsPerToken)
        return Error(ErrorCode::Unsupported, "num_experts_per_tok is " + std::to_string(opened->config.router.chosen) +
                                                 ", this build takes up to " +
                                                 std::to_string(telemetry::kMaxExpertsPerToken));
    std::unique_ptr<DeepseekV3> model(new DeepseekV3(std::move(opened), pool, level));
    const auto& config = model->config();
    auto facts = factsOf(config);
    WeightStore store(model->m_opened->checkpoint, config.quant.blockRows, config.quant.blockCols);
    BATHY_TRY(model->m_layers, bindLayers(store, config, model->m_opened->splitKeyValue, stop));
    BATHY_TRY(auto frame, decoder::bindFrame(store, facts, false));
    BATHY_CHECK(model->files().intact());
    for (const auto& layer : model->m_layers)
        model->m_expertsTouched.emplace_back(layer.moe ? layer.moe->experts.size() : 0);
    model->setUp(std::move(facts), std::move(frame), store);
    return model;
}

void DeepseekV3::attend(const decoder::Step& step, std::size_t layer, const float* x, float* y) {
    deepseek_v3::attend(step, config(), m_layers[layer], step.cache.layer(layer), x, y);
}

void DeepseekV3::feedForward(const decoder::Step& step, std::size_t layer, const float* x, float* y) {
    const auto& weights = m_layers[layer];
    if (weights.moe)
        mixExperts(step, config(), *weights.moe, x, y, m_expertsTouched[layer]);
    else
        decoder::feedForward(step, *weights.feedForward, x, y);
}

std::uint64_t DeepseekV3::planScratchBytes(int threads, std::int64_t chunk, std::int64_t tokens) const {
    return deepseek_v3::planScratchBytes(config(), threads, chunk, tokens);
}

std::uint64_t DeepseekV3::untouchedExpertBytes() const {
    std::uint64_t bytes = 0;
    for (std::size_t l = 0; l < m_layers.size(); ++l)
        for (std::size_t e = 0; e < m_expertsTouched[l].size(); ++e)
            if (!m_expertsTouched[l][e])
                bytes += expertBytes(m_layers[l].moe->experts[e]);
    return bytes;
}

} // namespace bathy::model::deepseek_v3
