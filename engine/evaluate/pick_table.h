// Which experts a model sends the tokens of some texts to. One thread: the one that owns the model.
#pragma once

#include "engine/base/result.h"
#include "engine/model/model.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::evaluate {

// Texts of one kind, as tokens. Each document is read on its own.
struct Domain {
    std::string name;
    std::vector<std::vector<TokenId>> documents;

    std::int64_t tokens() const;
};

struct PickTable {
    int experts = 0; // in a layer
    int picks = 0;   // experts a token is sent to in a layer
    std::vector<LayerId> layers;
    std::vector<TokenId> tokens;       // of all documents, one after the other
    std::vector<std::uint16_t> chosen; // [tokens, layers, picks]

    std::span<const std::uint16_t> at(std::size_t token, std::size_t layer) const {
        const auto width = static_cast<std::size_t>(picks);
        return std::span(chosen).subspan((token * layers.size() + layer) * width, width);
    }
};

// Reads at most `limit` tokens. `layers` ascend and have a router. `progress` gets the tokens read and may be empty.
// Errors: those of Model::createState and Model::forward (Cancelled among them).
Result<PickTable> recordPicks(model::Model& model, const Domain& domain, const std::vector<LayerId>& layers,
                              std::int64_t limit, const std::function<void(std::int64_t)>& progress,
                              const std::stop_token& stop);

} // namespace bathy::evaluate
