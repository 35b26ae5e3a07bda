#include "engine/model/deepseek_v3/open.h"

#include "engine/model/deepseek_v3/tensor_spec.h"
#include "engine/model/generation_config.h"
#include "engine/model/gguf/names.h"

namespace bathy::model::deepseek_v3 {
namespace {

std::uint64_t latentBytes(const Config& config, KvFormat format) {
    const std::uint64_t elementBytes = format == KvFormat::F32 ? 4 : 2;
    return static_cast<std::uint64_t>(config.layerCount) * static_cast<std::uint64_t>(config.latentDim()) *
           elementBytes;
}

// Next to F32 rows keys are F32, next to BF16 rows they are FP8 with one F32 scale.
std::uint64_t indexKeyBytes(const Config& config, KvFormat format) {
    if (!config.indexer)
        return 0;
    const auto dim = static_cast<std::uint64_t>(config.indexer->headDim);
    return static_cast<std::uint64_t>(config.layerCount) * (format == KvFormat::F32 ? 4 * dim : dim + 4);
}

KvCost costOf(const Config& config, const char* name, KvFormat format) {
    return linearKvCost(name, format, static_cast<double>(latentBytes(config, format) + indexKeyBytes(config, format)));
}

LayerFacts factsOf(const Config& config, int layer) {
    return {config.indexer ? AttentionForm::SparseLatent : AttentionForm::Latent, 0,
            config.hasExperts(layer) ? RouterForm::Learned : RouterForm::None};
}

} // namespace

Result<OpenedModel> OpenedModel::open(checkpoint::Checkpoint checkpoint) {
    BATHY_TRY(auto config, parseConfig(checkpoint.configText()));
    BATHY_CHECK(addScaleNames(checkpoint));
    BATHY_CHECK(addGenerationEndTokens(checkpoint, config.vocabSize, config.endTokens));
    const bool split = hasSplitKeyValue(checkpoint);
    return OpenedModel(std::move(checkpoint), std::move(config), split);
}

telemetry::KvBytes OpenedModel::kvBytes(KvFormat format, std::int64_t tokens) const {
    telemetry::KvBytes bytes;
    bytes[telemetry::KvPart::Latents] = latentBytes(config, format) * static_cast<std::uint64_t>(tokens);
    bytes[telemetry::KvPart::IndexKeys] = indexKeyBytes(config, format) * static_cast<std::uint64_t>(tokens);
    return bytes;
}

void OpenedModel::visitTensors(const TensorVisitor& visit) const {
    deepseek_v3::visitTensors(config, splitKeyValue, visit);
}

SpecReport OpenedModel::compare() const {
    return compareTensors(
        checkpoint, [&](const TensorVisitor& visit) { visitTensors(visit); }, config.quant,
        [&](std::string_view name) {
            return name.find("rotary_emb.inv_freq") != std::string_view::npos || isDraftTensor(config, name) ||
                   gguf::isDraftOrSide(name, config.layerCount);
        });
}

ModelCard OpenedModel::describe() const {
    auto card = describeFiles(checkpoint);
    card.family = "deepseek_v3";
    setParameters(card, countParameters([&](const TensorVisitor& visit) { visitTensors(visit); }, config.router.chosen,
                                        config.router.experts));
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i)
        if (const auto view = checkpoint.tensor(i);
            isDraftTensor(config, view.name) && !view.name.ends_with("_scale_inv"))
            card.parametersDraft += static_cast<std::uint64_t>(view.elementCount());
    if (card.parametersDraft > 0) {
        card.draftKind = "MTP";
        card.draftStages = config.draftLayers;
    }
    card.contextLength = config.contextLength;
    card.vocabularySize = config.vocabSize;
    card.hiddenSize = config.hiddenSize;
    card.headCount = config.headCount;
    card.headDim = config.queryDim();
    card.indexTopK = config.indexer ? config.indexer->topK : 0;
    card.routedExperts = config.router.experts;
    card.expertsPerToken = config.router.chosen;
    card.sharedExperts = config.sharedExperts;
    for (int layer = 0; layer < config.layerCount; ++layer)
        card.layers.push_back(factsOf(config, layer));
    card.kv = {costOf(config, config.indexer ? "BF16, FP8 index keys" : "BF16", KvFormat::BF16),
               costOf(config, "F32", KvFormat::F32)};
    addComparisons(card);
    card.endTokens = config.endTokens;
    return card;
}

} // namespace bathy::model::deepseek_v3
