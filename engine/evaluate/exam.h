// Puts questions to a model one after the other, greedily, and scores the answers by skill. One thread.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/base/result.h"
#include "engine/evaluate/haystack.h"
#include "engine/evaluate/item.h"
#include "engine/evaluate/score.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bathy::evaluate {

// Answers one prompt to the end; the reason is Cancelled where the user stopped it. Fills in the ids of the command.
using Answerer = std::function<Result<api::GenerationFinished>(api::Generate command)>;

// What one question came to. `text` and `reasoning` may hold bytes that are no UTF-8.
struct ItemResult {
    std::string id;
    std::string skill;
    bool right = false;
    std::string expected;
    std::string text;
    std::string reasoning;
    api::FinishReason finish{};
    std::int64_t promptTokens = 0;
    std::int64_t reusedTokens = 0;
    std::int64_t generatedTokens = 0;
    double seconds = 0;
};

class Exam {
public:
    // `haystack` and `tokenizer` are needed for pass-keys alone and may be null without; both must outlive the exam.
    Exam(Answerer answerer, const Haystack* haystack, const tokenizer::Tokenizer* tokenizer)
        : m_answerer(std::move(answerer)), m_haystack(haystack), m_tokenizer(tokenizer) {}

    // Errors: Cancelled; BadArgument (a pass-key without a haystack); those of the answerer, with the question's id.
    Result<ItemResult> ask(const Item& item) const;

private:
    Answerer m_answerer;
    const Haystack* m_haystack;
    const tokenizer::Tokenizer* m_tokenizer;
};

struct ExamScore {
    Score all; // over all questions, each with the same weight
    std::map<std::string, Score> skills;
};
ExamScore scoreOf(const std::vector<ItemResult>& results);

// The questions of the pass-key suite: for each length `trials` of them, spread over ten depths (0.05, 0.15, ... 0.95),
// seeds 0, 1, ... Their skill is "passkey LENGTH", with decoys "multikey LENGTH".
std::vector<Item> passkeyItems(const std::vector<std::int64_t>& lengths, int trials, int decoys);

} // namespace bathy::evaluate
