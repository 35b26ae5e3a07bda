#include "engine/model/memory_plan.h"

#include "engine/model/decoder/state.h"
#include "engine/model/deepseek_v3/open.h"
#include "engine/model/deepseek_v3/scratch_plan.h"
#include "engine/model/deepseek_v4/open.h"
#include "engine/model/deepseek_v4/scratch_plan.h"
#include "engine/model/deepseek_v4/state.h"
#include "engine/model/dense/open.h"
#include "engine/model/dense/scratch_plan.h"

#include <algorithm>
#include <string>

namespace bathy::model {
namespace {

// Code, libraries, ring of records and threads of `bathy` with a model of no size: what it measured
// (docs/measurements/fit-planner.md).
constexpr std::uint64_t kProgramBytes = std::uint64_t{16} << 20;

WeightKind kindOf(Component component) {
    switch (component) {
    case Component::Attention:
        return WeightKind::Attention;
    case Component::Indexer:
        return WeightKind::Indexer;
    case Component::SharedExperts:
        return WeightKind::SharedExperts;
    case Component::RoutedExperts:
        return WeightKind::RoutedExperts;
    case Component::Embedding:
        return WeightKind::Embedding;
    case Component::Head:
        return WeightKind::Output;
    case Component::FeedForward:
        return WeightKind::DenseFeedForward;
    case Component::Compressor:
    case Component::HyperConnections:
    case Component::Norms:
    case Component::Router:
    case Component::FinalNorm:
        break;
    }
    return WeightKind::Other;
}

// Adds up what the files hold of the tensors that are visited.
class WeightSum {
public:
    WeightSum(const checkpoint::Checkpoint& files, const ModelCard& card) : m_files(files), m_card(card) {}

    void add(const TensorSpec& spec, WeightKind kind) {
        const auto bytes = storedBytes(spec.name) + storedBytes(scaleName(spec.name));
        auto& sum = weights[static_cast<std::size_t>(kind)];
        sum.all += bytes;
        sum.least += leastOf(spec, bytes);
        // Vectors and tables are kept once more, as numbers of 4 bytes; mixing matrices are read in place.
        if (spec.role != TensorRole::Matrix && !spec.name.ends_with("_fn"))
            copies += spec.elementCount() * 4;
    }

    std::array<WeightBytes, kWeightKindCount> weights{};
    std::uint64_t copies = 0;

private:
    std::uint64_t storedBytes(const std::string& name) const {
        const auto tensor = m_files.find(name);
        return tensor ? tensor->bytes.size() : 0;
    }
    // For one token: a row of the embedding, the chosen of the routed experts, all of everything else.
    std::uint64_t leastOf(const TensorSpec& spec, std::uint64_t bytes) const {
        if (spec.component == Component::Embedding)
            return bytes / std::max<std::uint64_t>(1, static_cast<std::uint64_t>(spec.shape.front()));
        if (spec.component == Component::RoutedExperts)
            return bytes * static_cast<std::uint64_t>(m_card.expertsPerToken) /
                   static_cast<std::uint64_t>(m_card.routedExperts);
        return bytes;
    }

    const checkpoint::Checkpoint& m_files;
    const ModelCard& m_card;
};

struct FamilyPlan {
    KvFormat kvFormat{};
    std::uint64_t scratchBytes = 0;
};

Result<FamilyPlan> planFamily(const OpenedModel& opened, const PlanOptions& o) {
    FamilyPlan plan;
    if (const auto* v4 = dynamic_cast<const deepseek_v4::OpenedModel*>(&opened)) {
        BATHY_TRY(const auto formats, deepseek_v4::chooseFormats(v4->config, o.precision, o.kvFormat));
        plan.kvFormat = formats.kvFormat;
        plan.scratchBytes = deepseek_v4::planScratchBytes(v4->config, o.threads, o.chunk, o.context,
                                                          v4->draft.kind == deepseek_v4::DraftKind::Mtp);
        return plan;
    }
    BATHY_TRY(const auto formats, decoder::chooseFormats(o.precision, o.kvFormat));
    plan.kvFormat = formats.kvFormat;
    if (const auto* v3 = dynamic_cast<const deepseek_v3::OpenedModel*>(&opened))
        plan.scratchBytes = deepseek_v3::planScratchBytes(v3->config, o.threads, o.chunk, o.context);
    else if (const auto* dense = dynamic_cast<const dense::OpenedModel*>(&opened))
        plan.scratchBytes = dense::planScratchBytes(dense->config, o.threads, o.chunk, o.context);
    return plan;
}

Result<void> check(const ModelCard& card, const PlanOptions& options) {
    if (options.context < 0 || options.context > card.contextLength)
        return Error(ErrorCode::BadArgument, "a context of " + std::to_string(options.context) +
                                                 " tokens is outside the model's 0.." +
                                                 std::to_string(card.contextLength));
    if (options.chunk < 1 || options.threads < 1)
        return Error(ErrorCode::BadArgument, "a step takes at least one token and one thread");
    return {};
}

} // namespace

std::string_view weightKindName(WeightKind kind) {
    constexpr std::array<std::string_view, kWeightKindCount> kNames{
        "embedding", "attention",     "dense feed-forward", "shared experts", "routed experts",
        "indexer",   "output matrix", "norms and others",   "draft block",
    };
    return kNames[static_cast<std::size_t>(kind)];
}

WeightBytes MemoryPlan::weightBytes() const {
    WeightBytes sum;
    for (const auto& kind : weights) {
        sum.all += kind.all;
        sum.least += kind.least;
    }
    return sum;
}

MemoryPlanner::MemoryPlanner(const OpenedModel& opened) : m_opened(opened), m_card(opened.describe()) {
    WeightSum sum(opened.files(), m_card);
    opened.visitTensors([&](const TensorSpec& spec) { sum.add(spec, kindOf(spec.component)); });
    opened.visitDraftTensors([&](const TensorSpec& spec) { sum.add(spec, WeightKind::Draft); });
    m_weights.weights = sum.weights;
    auto& embedding = m_weights.weights[static_cast<std::size_t>(WeightKind::Embedding)];
    if (m_weights.weights[static_cast<std::size_t>(WeightKind::Output)].all == 0) // tied: every row makes a logit
        embedding.least = embedding.all;
    const auto read = m_weights.weightBytes().all;
    m_weights.unreadBytes = m_card.weightBytes - std::min(m_card.weightBytes, read);
    m_weights.logitsBytes = 2 * sizeof(float) * static_cast<std::uint64_t>(m_card.vocabularySize);
    m_weights.programBytes = kProgramBytes + sum.copies;
}

Result<MemoryPlan> MemoryPlanner::plan(const PlanOptions& options) const {
    BATHY_CHECK(check(m_card, options));
    BATHY_TRY(const auto family, planFamily(m_opened, options));
    auto plan = m_weights;
    plan.context = options.context;
    plan.kvFormat = family.kvFormat;
    plan.scratchBytes = family.scratchBytes;
    plan.kv = m_opened.kvBytes(plan.kvFormat, options.context);
    return plan;
}

} // namespace bathy::model
