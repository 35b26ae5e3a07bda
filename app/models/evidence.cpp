#include "app/models/evidence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bathy::models {
namespace {

constexpr std::int64_t kTokensBefore = 8; // of a passage's strongest token
constexpr std::int64_t kTokensAfter = 16;
constexpr std::size_t kMostPassages = 12;

bool hasChosen(api::AttentionKind kind) {
    return kind == api::AttentionKind::CompressedSparse || kind == api::AttentionKind::SparseLatent;
}

bool countsEntries(api::AttentionKind kind, EvidencePart part) {
    switch (part) {
    case EvidencePart::Chosen:
        return hasChosen(kind);
    case EvidencePart::Compressed:
        return kind == api::AttentionKind::HeavilyCompressed;
    case EvidencePart::Window:
        return false;
    case EvidencePart::All:
        return true;
    }
    return false;
}

bool countsWindow(EvidencePart part) {
    return part == EvidencePart::Window || part == EvidencePart::All;
}

// Whether a layer of this kind has anything of the part. Sparse latent attention looks at chosen tokens alone.
bool has(api::AttentionKind kind, EvidencePart part) {
    return countsEntries(kind, part) || (countsWindow(part) && kind != api::AttentionKind::SparseLatent);
}

void addEntries(Evidence& evidence, const api::LayerMass& layer) {
    const auto end = static_cast<std::int64_t>(evidence.shares.size());
    for (const auto& entry : layer.entries) {
        const auto from = std::clamp<std::int64_t>(entry.firstToken, 0, end);
        const auto to = std::clamp<std::int64_t>(entry.endToken, from, end);
        for (auto token = from; token < to; ++token)
            evidence.shares[static_cast<std::size_t>(token)] += entry.value / static_cast<float>(to - from);
    }
}

void addWindow(Evidence& evidence, const api::LayerMass& layer) {
    const auto count = std::min(layer.window.size(), evidence.shares.size());
    const auto first = evidence.shares.size() - count; // the last one is the position itself
    for (std::size_t i = 0; i < count; ++i)
        evidence.shares[first + i] += layer.window[layer.window.size() - count + i];
}

} // namespace

bool hasPart(std::span<const api::LayerCard> layers, EvidencePart part) {
    return std::any_of(layers.begin(), layers.end(), [&](const auto& layer) { return has(layer.attention, part); });
}

Evidence evidenceOf(const api::ProbeAnswer& answer, std::span<const api::LayerCard> layers,
                    const EvidenceChoice& choice) {
    Evidence evidence;
    evidence.position = raw(answer.position);
    evidence.shares.assign(static_cast<std::size_t>(std::max<std::int64_t>(evidence.position, -1) + 1), 0.0F);
    for (const auto& layer : answer.layers) {
        const auto index = raw(layer.layer);
        if (index < 0 || index >= static_cast<int>(layers.size()) || (choice.layer && *choice.layer != layer.layer))
            continue;
        const auto kind = layers[static_cast<std::size_t>(index)].attention;
        if (!has(kind, choice.part))
            continue;
        ++evidence.layers;
        evidence.nowhere += layer.sink;
        if (countsEntries(kind, choice.part))
            addEntries(evidence, layer);
        if (countsWindow(choice.part))
            addWindow(evidence, layer);
    }
    if (evidence.layers == 0)
        return evidence;
    for (auto& share : evidence.shares)
        share = std::isfinite(share) ? share / static_cast<float>(evidence.layers) : 0.0F;
    evidence.nowhere /= evidence.layers;
    evidence.counted = std::accumulate(evidence.shares.begin(), evidence.shares.end(), 0.0);
    evidence.passages = passagesOf(evidence.shares, kMostPassages);
    return evidence;
}

std::vector<EvidencePassage> passagesOf(std::span<const float> shares, std::size_t most) {
    std::vector<std::int64_t> peaks;
    for (std::size_t i = 0; i < shares.size(); ++i)
        if (shares[i] > 0)
            peaks.push_back(static_cast<std::int64_t>(i));
    std::stable_sort(peaks.begin(), peaks.end(), [&](auto a, auto b) {
        return shares[static_cast<std::size_t>(a)] > shares[static_cast<std::size_t>(b)];
    });
    std::vector<EvidencePassage> passages;
    for (const auto peak : peaks) {
        if (passages.size() == most)
            break;
        EvidencePassage passage{std::max<std::int64_t>(0, peak - kTokensBefore),
                                std::min(static_cast<std::int64_t>(shares.size()), peak + kTokensAfter), 0};
        bool covered = false;
        for (const auto& other : passages) { // cut to what no stronger one has
            covered |= peak >= other.begin && peak < other.end;
            if (other.end <= peak)
                passage.begin = std::max(passage.begin, other.end);
            else if (other.begin > peak)
                passage.end = std::min(passage.end, other.begin);
        }
        if (covered)
            continue;
        for (auto token = passage.begin; token < passage.end; ++token)
            passage.share += shares[static_cast<std::size_t>(token)];
        passages.push_back(passage);
    }
    std::stable_sort(passages.begin(), passages.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
    return passages;
}

} // namespace bathy::models
