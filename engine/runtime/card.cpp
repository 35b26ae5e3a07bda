#include "engine/runtime/card.h"

#include "engine/base/system_memory.h"
#include "engine/base/text_file.h"
#include "engine/model/deepseek_v4/footprint.h"
#include "engine/model/model_card.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace bathy::runtime {

namespace {

using namespace model::deepseek_v4;

constexpr std::int64_t kFitContext = 4096;
constexpr std::uint64_t kCardTextLimit = 1U << 20;

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

api::LayerCard layerCard(const LayerConfig& layer) {
    api::LayerCard card;
    switch (layer.attention) {
    case AttentionKind::SlidingWindow:
        card.attention = api::AttentionKind::SlidingWindow;
        break;
    case AttentionKind::CompressedSparse:
        card.attention = api::AttentionKind::CompressedSparse;
        break;
    case AttentionKind::HeavilyCompressed:
        card.attention = api::AttentionKind::HeavilyCompressed;
        break;
    }
    card.ratio = layer.ratio;
    card.router = layer.router == RouterKind::Hash ? api::RouterKind::Hash : api::RouterKind::Learned;
    return card;
}

const char* storageName(KvStorage storage) {
    switch (storage) {
    case KvStorage::F32:
        return "F32";
    case KvStorage::BF16:
        return "BF16";
    case KvStorage::Packed:
        return "packed rows, FP4 index keys";
    case KvStorage::PackedFp8Index:
        return "packed rows, FP8 index keys";
    }
    return "";
}

// What is in use first, then the others that this model can be stored in, then other architectures.
std::vector<api::KvCost> kvCosts(const Config& config, KvStorage used) {
    std::vector<KvStorage> forms{used};
    if (used == KvStorage::Packed)
        forms.push_back(KvStorage::PackedFp8Index);
    for (const auto form : {KvStorage::BF16, KvStorage::F32})
        if (form != used)
            forms.push_back(form);
    std::vector<api::KvCost> costs;
    for (const auto form : forms) {
        const auto empty = kvBytes(config, form, 0);
        costs.push_back({storageName(form), kvBytesPerToken(config, form), empty.window + empty.compressorState});
    }
    costs.push_back({"DeepSeek-V3.2, FP8", v32BytesPerToken(), 0});
    costs.push_back({"GQA with 8 heads of 128, BF16", gqaBytesPerToken(config), 0});
    return costs;
}

// Without the marks of emphasis and code: the paragraph is shown as plain text.
void dropMarkup(std::string& text) {
    for (const std::string_view mark : {"**", "`"})
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
            text.erase(at, mark.size());
}

std::string describe(const checkpoint::Checkpoint& checkpoint) {
    for (const char* name : {"MODEL_CARD.md", "README.md"})
        if (const auto text = readTextFile(checkpoint.folder() / name, kCardTextLimit))
            return firstParagraph(*text);
    return {};
}

} // namespace

std::string firstParagraph(std::string_view markdown) {
    constexpr std::size_t kLimit = 600;
    std::istringstream lines{std::string(markdown)};
    std::string paragraph;
    bool frontMatter = false;
    bool first = true;
    for (std::string line; std::getline(lines, line); first = false) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (line == "---" && (first || frontMatter)) {
            frontMatter = first;
            continue;
        }
        if (frontMatter || line.starts_with('#') || line.starts_with('!') || line.starts_with('['))
            continue;
        if (line.empty() && !paragraph.empty())
            break;
        if (!line.empty())
            paragraph += (paragraph.empty() ? "" : " ") + line;
        if (paragraph.size() > kLimit)
            break;
    }
    dropMarkup(paragraph);
    if (paragraph.size() > kLimit) {
        auto cut = kLimit;
        while (cut > 0 && (static_cast<unsigned char>(paragraph[cut]) & 0xC0U) == 0x80U)
            --cut; // not inside a character
        paragraph.resize(cut);
        paragraph += "…";
    }
    return paragraph;
}

api::ModelCard modelCard(const OpenedModel& opened, KvFormat kvFormat) {
    const auto facts = model::describeModel(opened);
    const auto& config = opened.config;
    api::ModelCard card;
    card.name = facts.name;
    card.path = facts.path;
    card.family = facts.family;
    card.fingerprint = facts.fingerprint;
    card.description = describe(opened.checkpoint);
    card.parametersTotal = facts.parametersTotal;
    card.parametersActive = facts.parametersActive;
    card.weightBytes = facts.weightBytes;
    for (const auto& row : facts.bytesByDtype)
        card.bytesByDtype.push_back({row.name, row.bytes});
    card.contextLength = config.contextLength;
    card.vocabularySize = config.vocabSize;
    card.hiddenSize = config.hiddenSize;
    card.attentionHeads = config.headCount;
    card.headDim = config.headDim;
    card.slidingWindow = config.slidingWindow;
    card.indexTopK = config.indexTopK;
    card.routedExperts = config.routedExperts;
    card.expertsPerToken = config.expertsPerToken;
    std::transform(config.layers.begin(), config.layers.end(), std::back_inserter(card.layers), layerCard);
    card.draftLayers = facts.draftStages;
    card.kv = kvCosts(config, storageOf(kvFormat));
    const auto memory = systemMemory();
    card.memoryTotalBytes = memory.totalBytes;
    card.memoryAvailableBytes = memory.availableBytes;
    card.fits = facts.weightBytes + plannedMemory(config, opened.draft.kind, kvFormat, kFitContext).kvBytes <=
                memory.availableBytes;
    card.warnings = facts.warnings;
    return card;
}

void addTextFacts(api::ModelCard& card, bool hasTokenizer, const tokenizer::ChatConstants& constants) {
    card.hasTokenizer = hasTokenizer;
    if (!hasTokenizer)
        return;
    card.chatFormat = card.family;
    card.efforts = constants.efforts();
    card.effortsMissingReason = constants.missingReason;
}

api::PlannedMemory plannedMemory(const Config& config, DraftKind draft, KvFormat format, std::int64_t context) {
    const auto bytes = kvBytes(config, storageOf(format), context);
    const auto linear = [&](double perToken) {
        return static_cast<std::uint64_t>(perToken * static_cast<double>(context));
    };
    api::PlannedMemory plan;
    plan.context = context;
    plan.draftBytes = draft == DraftKind::Mtp ? draftKvBytes(config, storageOf(format)) : 0;
    plan.kvBytes = bytes.total() + plan.draftBytes;
    plan.windowBytes = bytes.window;
    plan.csaEntryBytes = bytes.csaEntries;
    plan.indexKeyBytes = bytes.indexKeys;
    plan.hcaEntryBytes = bytes.hcaEntries;
    plan.compressorStateBytes = bytes.compressorState;
    plan.v32Bytes = linear(v32BytesPerToken());
    plan.gqaBytes = linear(gqaBytesPerToken(config));
    return plan;
}

} // namespace bathy::runtime
