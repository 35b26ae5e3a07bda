// What is known of one conversation's run through the engine: tokens, routing, memory. An immutable snapshot, swapped
// whole: a panel keeps the pointer it paints from, the recorder goes on with its own. Chunks that did not change are
// shared between snapshots, so that a snapshot of 100,000 tokens costs microseconds. UI thread.
#pragma once

#include "app/models/expert_totals.h"
#include "app/models/kv_history.h"
#include "app/models/token_chunk.h"
#include "app/models/token_texts.h"
#include "engine/api/model_card.h"

#include <memory>
#include <vector>

namespace bathy::models {

// One answer of the model within a conversation: positions [begin, end).
struct AnswerRange {
    GenerationId generation{};
    std::int64_t begin = 0;
    std::int64_t end = 0;
    bool finished = false;
};

struct RunData {
    SessionId session{};
    std::uint64_t epoch = 0; // raised when tokens were taken back: what was derived from earlier snapshots is void
    std::uint64_t revision = 0;
    int layers = 0;                             // of routing; from the card, or as many as were seen
    int experts = 0;                            // routed experts per layer, likewise
    std::shared_ptr<const api::ModelCard> card; // null when no model was announced
    std::int64_t tokenCount = 0;                // positions [0, tokenCount); not all need have arrived
    std::vector<std::shared_ptr<const TokenChunk>> chunks;
    std::int64_t routingKeptFrom = 0; // older tokens' routing was let go to keep within the memory budget
    std::vector<AnswerRange> answers;
    std::int64_t totalsFrom = 0; // totals leave out older tokens; 0 unless tokens without kept routing were taken back
    std::shared_ptr<const ExpertTotals> totals; // over every token of the conversation from totalsFrom on
    std::shared_ptr<const KvHistory> kv;
    std::shared_ptr<const TokenTexts> texts; // append-only, shared by all runs of a model

    // Null when the token has not arrived.
    const TokenRow* token(std::int64_t position) const;
    // Alternatives of a generated token; null when there are none.
    const TokenAlternatives* alternatives(std::int64_t position) const;
    // Experts of a token in one layer, in the router's order; empty when not recorded.
    std::vector<RoutedExpert> routing(std::int64_t position, int layer) const;
    // The answer that holds the position, else null.
    const AnswerRange* answerAt(std::int64_t position) const;
    const AnswerRange* lastAnswer() const { return answers.empty() ? nullptr : &answers.back(); }

    // Adds the routing of tokens [begin, end).
    void addTotals(ExpertTotals& sums, std::int64_t begin, std::int64_t end) const;
};

using RunDataPtr = std::shared_ptr<const RunData>;

} // namespace bathy::models
