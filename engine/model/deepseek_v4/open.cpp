#include "engine/model/deepseek_v4/open.h"

#include "engine/model/deepseek_v4/footprint.h"
#include "engine/model/deepseek_v4/names.h"

#include <algorithm>

namespace bathy::model::deepseek_v4 {
namespace {

KvStorage storageOf(KvFormat format) {
    switch (format) {
    case KvFormat::F32:
        return KvStorage::F32;
    case KvFormat::Packed:
        return KvStorage::Packed;
    case KvFormat::PackedFp8Index:
        return KvStorage::PackedFp8Index;
    case KvFormat::Auto:
    case KvFormat::BF16:
        break;
    }
    return KvStorage::BF16;
}

KvCost costOf(const Config& config, const char* name, KvFormat format) {
    const auto storage = storageOf(format);
    KvCost cost;
    cost.name = name;
    cost.format = format;
    cost.bytesPerToken = kvBytesPerToken(config, storage);
    cost.constantBytes = kvBytes(config, storage, 0).window;
    for (const auto length : kKvLengths)
        cost.at.push_back(kvBytes(config, storage, length).entriesAndRings());
    return cost;
}

LayerFacts factsOf(const LayerConfig& layer) {
    LayerFacts facts;
    facts.attention = layer.attention == AttentionKind::SlidingWindow      ? AttentionForm::SlidingWindow
                      : layer.attention == AttentionKind::CompressedSparse ? AttentionForm::CompressedSparse
                                                                           : AttentionForm::HeavilyCompressed;
    facts.ratio = layer.ratio;
    facts.router = layer.router == RouterKind::Hash ? RouterForm::Hash : RouterForm::Learned;
    return facts;
}

std::string draftName(DraftKind kind) {
    switch (kind) {
    case DraftKind::None:
        return {};
    case DraftKind::Mtp:
        return "MTP";
    case DraftKind::Dspark:
        return "DSpark";
    }
    return {};
}

} // namespace

Result<OpenedModel> OpenedModel::open(checkpoint::Checkpoint checkpoint) {
    BATHY_TRY(auto config, parseConfig(checkpoint.configText()));
    BATHY_CHECK(addRawNames(checkpoint));
    const auto draft = findDraftStages(checkpoint);
    return OpenedModel(std::move(checkpoint), std::move(config), draft);
}

telemetry::KvBytes OpenedModel::kvBytes(KvFormat format, std::int64_t tokens) const {
    using telemetry::KvPart;
    const auto held = deepseek_v4::kvBytes(config, storageOf(format), tokens);
    telemetry::KvBytes bytes;
    bytes[KvPart::Window] = held.window;
    bytes[KvPart::SparseEntries] = held.csaEntries;
    bytes[KvPart::IndexKeys] = held.indexKeys;
    bytes[KvPart::HeavyEntries] = held.hcaEntries;
    bytes[KvPart::CompressorState] = held.compressorState;
    bytes[KvPart::Draft] = draft.kind == DraftKind::Mtp ? draftKvBytes(config, storageOf(format)) : 0;
    return bytes;
}

void OpenedModel::visitTensors(const TensorVisitor& visit) const {
    visitMainTensors(config, visit);
}

void OpenedModel::visitDraftTensors(const TensorVisitor& visit) const {
    if (draft.kind == DraftKind::Mtp)
        deepseek_v4::visitDraftTensors(config, {DraftKind::Mtp, 1}, visit);
}

ModelCard OpenedModel::describe() const {
    auto card = describeFiles(checkpoint);
    card.family = "deepseek_v4";
    setParameters(card, countParameters(config));
    card.parametersDraft = countDraftParameters(config, draft);
    card.contextLength = config.contextLength;
    card.vocabularySize = config.vocabSize;
    card.hiddenSize = config.hiddenSize;
    card.headCount = config.headCount;
    card.headDim = config.headDim;
    card.slidingWindow = config.slidingWindow;
    card.indexTopK = config.indexTopK;
    card.routedExperts = config.routedExperts;
    card.expertsPerToken = config.expertsPerToken;
    card.sharedExperts = config.sharedExperts;
    std::transform(config.layers.begin(), config.layers.end(), std::back_inserter(card.layers), factsOf);
    card.draftKind = draftName(draft.kind);
    card.draftStages = draft.count;
    card.kv = {costOf(config, "packed rows, FP4 index keys", KvFormat::Packed),
               costOf(config, "packed rows, FP8 index keys", KvFormat::PackedFp8Index),
               costOf(config, "BF16", KvFormat::BF16), costOf(config, "F32", KvFormat::F32)};
    addComparisons(card);
    for (const auto id : config.eosTokens)
        card.endTokens.push_back(TokenId{id});
    return card;
}

} // namespace bathy::model::deepseek_v4
