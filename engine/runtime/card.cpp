#include "engine/runtime/card.h"

#include "engine/base/system_memory.h"
#include "engine/base/text_file.h"
#include "engine/base/thread_pool.h"
#include "engine/model/model_card.h"
#include "engine/runtime/memory_planning.h"
#include "engine/runtime/suggested_sampling.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace bathy::runtime {

namespace {

constexpr std::uint64_t kCardTextLimit = 1U << 20;

api::AttentionKind attentionOf(model::AttentionForm form) {
    switch (form) {
    case model::AttentionForm::SlidingWindow:
        return api::AttentionKind::SlidingWindow;
    case model::AttentionForm::CompressedSparse:
        return api::AttentionKind::CompressedSparse;
    case model::AttentionForm::HeavilyCompressed:
        return api::AttentionKind::HeavilyCompressed;
    case model::AttentionForm::Latent:
        return api::AttentionKind::Latent;
    case model::AttentionForm::SparseLatent:
        return api::AttentionKind::SparseLatent;
    case model::AttentionForm::Grouped:
        break;
    }
    return api::AttentionKind::Grouped;
}

api::RouterKind routerOf(model::RouterForm form) {
    switch (form) {
    case model::RouterForm::Hash:
        return api::RouterKind::Hash;
    case model::RouterForm::Learned:
        return api::RouterKind::Learned;
    case model::RouterForm::None:
        break;
    }
    return api::RouterKind::None;
}

api::LayerCard layerCard(const model::LayerFacts& layer) {
    return {attentionOf(layer.attention), layer.ratio, routerOf(layer.router)};
}

bool isPacked(KvFormat format) {
    return format == KvFormat::Packed || format == KvFormat::PackedFp8Index;
}

// What is in use first, then the others that this model can be stored in, then other architectures.
std::vector<api::KvCost> kvCosts(const model::OpenedModel& opened, const model::ModelCard& facts, KvFormat used) {
    std::vector<api::KvCost> costs;
    for (const auto& cost : facts.kv) {
        const auto constant = cost.format ? opened.kvBytes(*cost.format, 0).total() : 0;
        const api::KvCost row{cost.name, cost.bytesPerToken, constant};
        if (cost.format == used)
            costs.insert(costs.begin(), row);
        else if (!cost.format || !isPacked(*cost.format) || isPacked(used))
            costs.push_back(row);
    }
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

bool fitsHere(const model::OpenedModel& opened, KvFormat kvFormat, const api::ModelOptions& options) {
    const model::MemoryPlanner planner(opened);
    model::PlanOptions wanted;
    wanted.context = std::min(wanted.context, planner.card().contextLength);
    wanted.kvFormat = kvFormat;
    wanted.threads = options.threads > 0 ? options.threads : physicalCoreCount();
    const auto plan = planner.plan(wanted);
    return plan && model::judgeFit(*plan, memoryBudget(options.reserveBytes)).verdict == model::FitVerdict::Fits;
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

api::ModelCard modelCard(const model::OpenedModel& opened, KvFormat kvFormat, const api::ModelOptions& options) {
    const auto facts = opened.describe();
    api::ModelCard card;
    card.name = facts.name;
    card.path = facts.path;
    card.family = facts.family;
    card.fingerprint = facts.fingerprint;
    card.description = describe(opened.files());
    card.parametersTotal = facts.parametersTotal;
    card.parametersActive = facts.parametersActive;
    card.weightBytes = facts.weightBytes;
    for (const auto& row : facts.bytesByDtype)
        card.bytesByDtype.push_back({row.name, row.bytes});
    card.contextLength = facts.contextLength;
    card.vocabularySize = facts.vocabularySize;
    card.hiddenSize = facts.hiddenSize;
    card.attentionHeads = facts.headCount;
    card.headDim = facts.headDim;
    card.slidingWindow = facts.slidingWindow;
    card.indexTopK = facts.indexTopK;
    card.routedExperts = facts.routedExperts;
    card.expertsPerToken = facts.expertsPerToken;
    std::transform(facts.layers.begin(), facts.layers.end(), std::back_inserter(card.layers), layerCard);
    card.draftLayers = facts.draftStages;
    card.kv = kvCosts(opened, facts, kvFormat);
    const auto memory = systemMemory();
    card.memoryTotalBytes = memory.totalBytes;
    card.memoryAvailableBytes = memory.availableBytes;
    card.fits = fitsHere(opened, kvFormat, options);
    card.warnings = facts.warnings;
    card.sampling = suggestedSampling(opened.files(), card.warnings);
    return card;
}

void addTextFacts(api::ModelCard& card, bool hasTokenizer, const tokenizer::ChatFormat& format) {
    card.hasTokenizer = hasTokenizer;
    if (!hasTokenizer)
        return;
    card.chatFormat = format.name;
    if (format.name.empty())
        card.warnings.push_back("no conversations: " + format.problem);
    card.efforts = format.constants.efforts();
    card.effortsMissingReason = format.constants.missingReason;
}

} // namespace bathy::runtime
