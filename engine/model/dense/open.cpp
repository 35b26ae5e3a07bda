#include "engine/model/dense/open.h"

#include "engine/model/dense/tensor_spec.h"
#include "engine/model/generation_config.h"
#include "engine/model/gguf/names.h"

namespace bathy::model::dense {
namespace {

// Keys and values of every key/value head and layer.
std::uint64_t bytesPerToken(const Config& config, KvFormat format) {
    const std::uint64_t elementBytes = format == KvFormat::F32 ? 4 : 2;
    return 2 * static_cast<std::uint64_t>(config.layerCount) * static_cast<std::uint64_t>(config.kvWidth()) *
           elementBytes;
}

// Rotary tables are recomputed; a tied model may carry a copy of its embedding.
bool isKnownExtra(const Config& config, std::string_view name) {
    return name.find("rotary_emb.inv_freq") != std::string_view::npos || (config.tied && name == "lm_head.weight") ||
           name == "rope_freqs.weight" || gguf::isDraftOrSide(name, config.layerCount);
}

} // namespace

Result<OpenedModel> OpenedModel::open(checkpoint::Checkpoint checkpoint) {
    BATHY_TRY(auto config, parseConfig(checkpoint.configText()));
    BATHY_CHECK(addGenerationEndTokens(checkpoint, config.vocabSize, config.endTokens));
    return OpenedModel(std::move(checkpoint), std::move(config));
}

telemetry::KvBytes OpenedModel::kvBytes(KvFormat format, std::int64_t tokens) const {
    telemetry::KvBytes bytes;
    bytes[telemetry::KvPart::KeysValues] = bytesPerToken(config, format) * static_cast<std::uint64_t>(tokens);
    return bytes;
}

void OpenedModel::visitTensors(const TensorVisitor& visit) const {
    dense::visitTensors(config, visit);
}

SpecReport OpenedModel::compare() const {
    return compareTensors(
        checkpoint, [&](const TensorVisitor& visit) { visitTensors(visit); }, {},
        [&](std::string_view name) { return isKnownExtra(config, name); });
}

ModelCard OpenedModel::describe() const {
    auto card = describeFiles(checkpoint);
    card.family = "dense";
    setParameters(card, countParameters([&](const TensorVisitor& visit) { visitTensors(visit); }, 0, 0));
    card.contextLength = config.contextLength;
    card.vocabularySize = config.vocabSize;
    card.hiddenSize = config.hiddenSize;
    card.headCount = config.headCount;
    card.headDim = config.headDim;
    card.layers.assign(static_cast<std::size_t>(config.layerCount), {AttentionForm::Grouped, 0, RouterForm::None});
    card.kv = {linearKvCost("BF16", KvFormat::BF16, static_cast<double>(bytesPerToken(config, KvFormat::BF16))),
               linearKvCost("F32", KvFormat::F32, static_cast<double>(bytesPerToken(config, KvFormat::F32)))};
    addComparisons(card);
    card.endTokens = config.endTokens;
    return card;
}

} // namespace bathy::model::dense
