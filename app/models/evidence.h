// What a token was written from: where the attention of the model lay in the conversation, put together from what the
// engine says of each layer. Pure.
#pragma once

#include "engine/api/events.h"
#include "engine/api/model_card.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bathy::models {

// Which part of the attention counts.
enum class EvidencePart : std::uint8_t {
    Chosen,     // entries that an indexer picked (V4's compressed sparse layers, V3.2)
    Compressed, // V4's heavily compressed entries: every one is read
    Window,     // the last tokens as they are; all tokens where nothing is compressed
    All,
};

struct EvidenceChoice {
    EvidencePart part = EvidencePart::Chosen;
    std::optional<LayerId> layer; // none: the mean over all layers that have the part
};

struct EvidencePassage {
    std::int64_t begin = 0; // tokens [begin, end)
    std::int64_t end = 0;
    double share = 0; // of the attention of the layers that count
};

struct Evidence {
    std::int64_t position = 0; // the token that looked
    std::vector<float> shares; // [position + 1], of the attention, mean over the layers that count; 0: not read
    double counted = 0;        // their sum
    double nowhere = 0;        // share that went to no token
    int layers = 0;            // that count; 0: the model has no such part
    std::vector<EvidencePassage> passages; // most attended first, apart from one another
};

// An entry's share is divided evenly among the tokens that it stands for.
Evidence evidenceOf(const api::ProbeAnswer& answer, std::span<const api::LayerCard> layers,
                    const EvidenceChoice& choice);

// The parts that a model of these layers has.
bool hasPart(std::span<const api::LayerCard> layers, EvidencePart part);

// Stretches of about two lines round the largest shares.
std::vector<EvidencePassage> passagesOf(std::span<const float> shares, std::size_t most);

} // namespace bathy::models
