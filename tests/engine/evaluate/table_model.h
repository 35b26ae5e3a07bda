// A model whose logits are written down: the row after a token depends on that token alone, or on how many tokens the
// state holds. So that every expected figure can be computed by hand.
#pragma once

#include "tests/support/fake_model.h"

#include <functional>
#include <utility>

namespace bathy::test {

class TableModel : public FakeModel {
public:
    // Logits after `token`, which is the `length`-th token the state took in.
    using Row = std::function<std::vector<float>(TokenId token, std::int64_t length)>;

    TableModel(FakeModelOptions options, Row row) : FakeModel(options), m_row(std::move(row)) {}

    Result<void> forward(model::SequenceState& state, std::span<const TokenId> tokens,
                         const model::ForwardOptions& options) override {
        auto without = options;
        without.logitsAt = model::LogitsAt::None;
        without.logits = {};
        const auto first = state.length();
        BATHY_CHECK(FakeModel::forward(state, tokens, without));
        pieces.push_back({first, std::ssize(tokens), options.logitsAt == model::LogitsAt::All});
        auto out = options.logits.begin();
        if (options.logitsAt == model::LogitsAt::All)
            for (std::size_t i = 0; i < tokens.size(); ++i)
                out = std::ranges::copy(m_row(tokens[i], first + 1 + static_cast<std::int64_t>(i)), out).out;
        return {};
    }

    struct Piece {
        std::int64_t first = 0;
        std::int64_t count = 0;
        bool logits = false;
        bool operator==(const Piece&) const = default;
    };
    std::vector<Piece> pieces; // in the order they were fed

private:
    Row m_row;
};

} // namespace bathy::test
