// One conversation's memory on the loaded model: the state and the tokens that are in it. Engine thread.
#pragma once

#include "engine/base/ids.h"
#include "engine/model/model.h"
#include "engine/runtime/draft_pace.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace bathy::runtime {

struct Session {
    SessionId id{};
    std::unique_ptr<model::SequenceState> state;
    std::vector<TokenId> tokens;          // exactly those the state has taken in
    std::vector<ExpertRef> bannedExperts; // all of them under these bans; ascending, none twice
    int prefillChunk = 512;
    DraftPace pace;    // what guessing is worth here
    bool busy = false; // a generation runs on it

    // Goes back so far that `prompt` can follow and at least its last token is fed again, because its logits are
    // needed; to the beginning when it shall follow under other bans (ascending, none twice). Returns the tokens that
    // stay.
    std::int64_t reuse(std::span<const TokenId> prompt, std::vector<ExpertRef> bans);
    // After a step: the state took these in.
    void took(std::span<const TokenId> fed) { tokens.insert(tokens.end(), fed.begin(), fed.end()); }
};

} // namespace bathy::runtime
