#include "engine/model/reads.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace bathy::model {
namespace {

using telemetry::KvPart;

// "layers.3.ffn.gate.weight" and "model.layers.3.mlp.gate.weight" belong to layer 3.
std::size_t layerOf(std::string_view name) {
    constexpr std::string_view kLayers = "layers.";
    std::size_t layer = 0;
    if (const auto at = name.find(kLayers); at != std::string_view::npos)
        std::from_chars(name.data() + at + kLayers.size(), name.data() + name.size(), layer);
    return layer;
}

std::uint64_t storedBytes(const checkpoint::Checkpoint& files, const TensorSpec& spec) {
    const auto view = files.find(spec.name);
    const auto scale = spec.role == TensorRole::Matrix ? files.find(scaleName(spec.name)) : std::nullopt;
    return (view ? view->bytes.size() : 0) + (scale ? scale->bytes.size() : 0);
}

// Over all layers in which an indexer picks rows.
struct Picking {
    std::int64_t stored = 0; // rows there are
    std::int64_t read = 0;   // rows attended
    std::int64_t scored = 0; // index keys compared: none where every row is taken anyway
};

Picking pickingOf(const ModelCard& facts, const TokenPass& pass) {
    const auto end = pass.first + pass.tokens;
    Picking sum;
    for (const auto& layer : facts.layers) {
        if (layer.attention != AttentionForm::CompressedSparse && layer.attention != AttentionForm::SparseLatent)
            continue;
        const auto rows = layer.ratio > 0 ? end / layer.ratio : end;
        sum.stored += rows;
        sum.read += std::min(rows, pass.tokens * facts.indexTopK);
        sum.scored += rows > facts.indexTopK ? rows : 0;
    }
    return sum;
}

std::uint64_t share(std::uint64_t bytes, std::int64_t part, std::int64_t whole) {
    return whole > 0 ? bytes / static_cast<std::uint64_t>(whole) * static_cast<std::uint64_t>(part) : 0;
}

} // namespace

WeightReads weightReads(const OpenedModel& model) {
    const auto facts = model.describe();
    WeightReads reads;
    reads.expert.resize(facts.layers.size());
    std::uint64_t embedding = 0;
    bool ownHead = false;
    model.visitTensors([&](const TensorSpec& spec) {
        const auto bytes = storedBytes(model.files(), spec);
        if (spec.component == Component::RoutedExperts) {
            reads.expert[std::min(layerOf(spec.name), reads.expert.size() - 1)] += bytes;
        } else if (spec.component == Component::Embedding || spec.role == TensorRole::Table) {
            reads.everyToken += bytes / static_cast<std::uint64_t>(spec.shape.front());
            embedding += spec.component == Component::Embedding ? bytes : 0;
        } else if (spec.component == Component::Head || spec.component == Component::FinalNorm) {
            reads.logits += bytes;
            ownHead = ownHead || spec.component == Component::Head;
        } else {
            reads.everyPass += bytes;
        }
    });
    if (!ownHead) // the embedding is the output matrix
        reads.logits += embedding;
    for (auto& bytes : reads.expert)
        bytes /= static_cast<std::uint64_t>(std::max(1, facts.routedExperts));
    return reads;
}

std::uint64_t kvBytesRead(const OpenedModel& model, const ModelCard& facts, KvFormat format, const TokenPass& pass) {
    const auto end = pass.first + pass.tokens;
    const auto held = model.kvBytes(format, end);
    const auto picking = pickingOf(facts, pass);
    // The window of the first token reaches back, that of the last one to itself.
    auto bytes = share(held[KvPart::Window], std::min(end, facts.slidingWindow - 1 + pass.tokens), facts.slidingWindow);
    bytes += held[KvPart::HeavyEntries] + held[KvPart::KeysValues];
    bytes += share(held[KvPart::SparseEntries], picking.read, picking.stored);
    bytes += share(held[KvPart::IndexKeys], picking.scored, picking.stored);
    // Latent rows are picked in all layers or in none.
    bytes += picking.stored > 0 ? share(held[KvPart::Latents], picking.read, picking.stored) : held[KvPart::Latents];
    return bytes;
}

} // namespace bathy::model
