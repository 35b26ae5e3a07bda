// How well a model predicts a text, and how far it is from a second model on the same text. One thread: the one that
// owns the models.
#pragma once

#include "engine/base/precision.h"
#include "engine/base/result.h"
#include "engine/model/model.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace bathy::evaluate {

// A text as tokens, with the bytes that each of them stands for.
struct ScoredText {
    std::vector<TokenId> tokens;
    std::vector<std::uint32_t> bytes;  // one per token; their sum is the size of the text
    std::optional<TokenId> beginToken; // opens every window
};

// Nothing in the text becomes a special token. `name` stands for the text in errors. Errors: BadFile (not UTF-8, with
// the offset; nothing to score), those of Tokenizer::encode.
Result<ScoredText> scoredText(const tokenizer::Tokenizer& tokenizer, std::string_view text, std::string_view name);

struct PerplexityOptions {
    std::int64_t context = 2048; // tokens of a window, the begin token included; see text_windows.h
    Precision precision = Precision::Fast;
    std::vector<ExpertRef> bannedExperts; // as in model::ForwardOptions; of the model, not of the reference
    std::function<void(std::int64_t scored, std::int64_t total)> progress; // tokens; may be empty
    std::stop_token stop;
};

// D(reference || model) over the scored positions, in nats, and how often both would choose the same token.
struct Comparison {
    double meanKl = 0;
    double p99Kl = 0;
    double sameFirstChoice = 0; // share, 0..1
};

struct PerplexityResult {
    std::int64_t tokens = 0; // scored
    std::int64_t bytes = 0;  // of the scored tokens
    double nats = 0;         // sum of -ln p
    bool stopped = false;    // by the stop token: the sums cover what was scored until then
    std::optional<Comparison> comparison;

    double perplexity() const;  // exp(nats per token)
    double bitsPerByte() const; // does not depend on the vocabulary
};

// `reference` may be null; it must have the same tokens. Errors: BadArgument (context out of range, vocabularies of
// different size), those of Model::createState and Model::forward except Cancelled.
Result<PerplexityResult> measurePerplexity(model::Model& model, model::Model* reference, const ScoredText& text,
                                           const PerplexityOptions& options);

} // namespace bathy::evaluate
