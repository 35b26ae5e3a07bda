#include "engine/model/model_card.h"

#include <algorithm>
#include <map>

namespace bathy::model {
namespace {

constexpr const char* kComponentNames[kComponentCount] = {
    "attention",      "compressors",    "indexers",  "hyper-connections", "norms",      "routers",
    "shared experts", "routed experts", "embedding", "output head",       "final norm", "feed-forward",
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

} // namespace

ModelCard describeFiles(const checkpoint::Checkpoint& checkpoint) {
    ModelCard card;
    card.name = checkpoint.name();
    card.path = checkpoint.folder().string();
    card.fingerprint = checkpoint.fingerprint();
    card.tensorCount = checkpoint.tensorCount();
    card.weightBytes = checkpoint.tensorBytes();
    card.bytesByDtype = bytesByDtype(checkpoint);
    card.warnings.assign(checkpoint.notes().begin(), checkpoint.notes().end());
    return card;
}

void setParameters(ModelCard& card, const ParameterCount& count) {
    card.parametersTotal = count.total;
    card.parametersActive = count.active;
    for (std::size_t i = 0; i < count.totalBy.size(); ++i)
        if (count.totalBy[i] > 0)
            card.components.push_back({kComponentNames[i], count.totalBy[i], count.activeBy[i]});
}

KvCost linearKvCost(std::string name, std::optional<KvFormat> format, double bytesPerToken) {
    KvCost cost;
    cost.name = std::move(name);
    cost.format = format;
    cost.bytesPerToken = bytesPerToken;
    for (const auto length : kKvLengths)
        cost.at.push_back(static_cast<std::uint64_t>(bytesPerToken * static_cast<double>(length)));
    return cost;
}

void addComparisons(ModelCard& card) {
    const auto layers = static_cast<int>(card.layers.size());
    card.kv.push_back(linearKvCost("DeepSeek-V3.2 in FP8, for comparison", std::nullopt, v32BytesPerToken()));
    card.kv.push_back(
        linearKvCost("GQA with 8 x 128 heads in BF16, for comparison", std::nullopt, gqaBytesPerToken(layers)));
}

double v32BytesPerToken() {
    return 61.0 * (656 + 132);
}

double gqaBytesPerToken(int layers) {
    return 2.0 * 8 * 128 * 2 * layers;
}

} // namespace bathy::model
