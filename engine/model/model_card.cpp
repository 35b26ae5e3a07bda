#include "engine/model/model_card.h"

#include "engine/model/deepseek_v4/footprint.h"

#include <algorithm>
#include <map>

namespace bathy::model {
namespace {

using deepseek_v4::Config;
using deepseek_v4::KvStorage;

constexpr const char* kComponentNames[deepseek_v4::kComponentCount] = {
    "attention",      "compressors", "indexers",    "hyper-connections",      "norms", "routers", "shared experts",
    "routed experts", "embedding",   "output head", "final norm and HC head",
};

std::vector<DTypeBytes> bytesByDtype(const checkpoint::Checkpoint& checkpoint) {
    std::map<std::string, std::uint64_t> sums;
    for (std::size_t i = 0; i < checkpoint.tensorCount(); ++i) {
        const auto view = checkpoint.tensor(i);
        // The family has no integer matrix: two dimensions of bytes are packed FP4.
        const bool packed = (view.dtype == DType::I8 || view.dtype == DType::U8) && view.shape.size() >= 2;
        sums[packed || view.dtype == DType::F4E2M1 ? "FP4" : std::string(dtypeName(view.dtype))] += view.bytes.size();
    }
    std::vector<DTypeBytes> rows;
    for (const auto& [name, bytes] : sums)
        rows.push_back({name, bytes});
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return rows;
}

KvCost storedAs(const Config& config, const char* name, KvStorage storage) {
    KvCost cost;
    cost.name = name;
    cost.bytesPerToken = deepseek_v4::kvBytesPerToken(config, storage);
    cost.constantBytes = deepseek_v4::kvBytes(config, storage, 0).window;
    for (const auto length : kKvLengths)
        cost.at.push_back(deepseek_v4::kvBytes(config, storage, length).entriesAndRings());
    return cost;
}

KvCost linear(const char* name, double bytesPerToken) {
    KvCost cost;
    cost.name = name;
    cost.bytesPerToken = bytesPerToken;
    for (const auto length : kKvLengths)
        cost.at.push_back(static_cast<std::uint64_t>(bytesPerToken * static_cast<double>(length)));
    return cost;
}

std::vector<KvCost> kvCosts(const Config& config) {
    return {
        storedAs(config, "packed rows, FP4 index keys", KvStorage::Packed),
        storedAs(config, "packed rows, FP8 index keys", KvStorage::PackedFp8Index),
        storedAs(config, "BF16", KvStorage::BF16),
        storedAs(config, "F32", KvStorage::F32),
        linear("DeepSeek-V3.2 in FP8, for comparison", deepseek_v4::v32BytesPerToken()),
        linear("GQA with 8 x 128 heads in BF16, for comparison", deepseek_v4::gqaBytesPerToken(config)),
    };
}

std::string draftName(deepseek_v4::DraftKind kind) {
    switch (kind) {
    case deepseek_v4::DraftKind::None:
        return {};
    case deepseek_v4::DraftKind::Mtp:
        return "MTP";
    case deepseek_v4::DraftKind::Dspark:
        return "DSpark";
    }
    return {};
}

} // namespace

ModelCard describeModel(const deepseek_v4::OpenedModel& model) {
    const auto& config = model.config;
    const auto& checkpoint = model.checkpoint;
    ModelCard card;
    card.name = checkpoint.name();
    card.path = checkpoint.folder().string();
    card.family = "deepseek_v4";
    card.fingerprint = checkpoint.fingerprint();
    const auto parameters = deepseek_v4::countParameters(config);
    card.parametersTotal = parameters.total;
    card.parametersActive = parameters.active;
    card.parametersDraft = deepseek_v4::countDraftParameters(config, model.draft);
    for (std::size_t i = 0; i < parameters.totalBy.size(); ++i)
        card.components.push_back({kComponentNames[i], parameters.totalBy[i], parameters.activeBy[i]});
    card.tensorCount = checkpoint.tensorCount();
    card.weightBytes = checkpoint.tensorBytes();
    card.bytesByDtype = bytesByDtype(checkpoint);
    card.layers = config.layers;
    card.draftKind = draftName(model.draft.kind);
    card.draftStages = model.draft.count;
    card.kv = kvCosts(config);
    card.warnings.assign(checkpoint.notes().begin(), checkpoint.notes().end());
    return card;
}

} // namespace bathy::model
