#include "engine/model/dense/dense.h"

#include "engine/model/decoder/feed_forward.h"
#include "engine/model/dense/attention.h"
#include "engine/model/dense/scratch_plan.h"
#include "engine/model/rope_tables.h"

namespace bathy::model::dense {
namespace {

decoder::Facts factsOf(const Config& c) {
    decoder::Facts facts;
    facts.family = "dense";
    facts.vocabSize = c.vocabSize;
    facts.hiddenSize = c.hiddenSize;
    facts.contextLength = c.contextLength;
    facts.layerCount = c.layerCount;
    facts.rmsEps = c.rmsEps;
    facts.ropeFrequencies = ropeFrequencies(c.rope, c.headDim);
    for (std::size_t i = 0; i < c.ropeDivisors.size(); ++i)
        facts.ropeFrequencies[i] /= static_cast<float>(c.ropeDivisors[i]);
    facts.ropeMagnitude = c.rope.magnitude();
    facts.state.layers.assign(static_cast<std::size_t>(c.layerCount), {c.kvHeadCount, 2 * c.headDim, 0});
    facts.state.rowsAre = telemetry::KvPart::KeysValues;
    facts.state.contextLength = c.contextLength;
    return facts;
}

} // namespace

Result<std::unique_ptr<Dense>> Dense::create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                             device::CpuLevel level, const std::stop_token& stop) {
    std::unique_ptr<Dense> model(new Dense(std::move(opened), pool, level));
    const auto& config = model->config();
    auto facts = factsOf(config);
    WeightStore store(model->m_opened->checkpoint, 128, 128);
    BATHY_TRY(model->m_layers, bindLayers(store, config, stop));
    BATHY_TRY(auto frame, decoder::bindFrame(store, facts, config.tied));
    BATHY_CHECK(model->files().intact());
    model->setUp(std::move(facts), std::move(frame), store);
    return model;
}

void Dense::attend(const decoder::Step& step, std::size_t layer, const float* x, float* y) {
    dense::attend(step, config(), m_layers[layer], step.cache.layer(layer), x, y);
}

void Dense::feedForward(const decoder::Step& step, std::size_t layer, const float* x, float* y) {
    decoder::feedForward(step, m_layers[layer].feedForward, x, y);
}

std::uint64_t Dense::planScratchBytes(int threads, std::int64_t chunk, std::int64_t tokens) const {
    return dense::planScratchBytes(config(), threads, chunk, tokens);
}

} // namespace bathy::model::dense
