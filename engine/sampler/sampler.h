// Draws the next token from logits through a chain of small stages, and explains the choice. One owner, any thread.
// Order: repetition penalty, banned tokens, temperature, top-k, top-p, min-p, draw.
// The random number of a token depends on seed and position only, so a replay from any cut gives the same tokens.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/telemetry/events.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace bathy::sampler {

struct SamplerOptions {
    float temperature = 1.0F;       // 0: greedy
    int topK = 0;                   // keep the k largest; 0: off
    float topP = 1.0F;              // keep the smallest set of at least this mass; 1: off
    float minP = 0.0F;              // keep what has at least this share of the largest probability; 0: off
    float repetitionPenalty = 1.0F; // of tokens in the window: positive logits divided, others multiplied; 1: off
    int repetitionWindow = 256;     // tokens looked back on
    std::uint64_t seed = 0;
    std::vector<TokenId> banned; // never drawn
};

struct Choice {
    TokenId token{};
    std::uint32_t rank = 0;       // in the raw distribution, 0 = most likely; among equals the smaller id comes first
    float probability = 0;        // raw: softmax of the logits at temperature 1
    float sampledProbability = 0; // in the distribution that it was drawn from
    float entropy = 0;            // of the raw distribution, nats
    std::uint8_t beforeCount = 0;
    std::uint8_t afterCount = 0;
    std::array<telemetry::Alternative, telemetry::kMaxAlternatives> before{}; // most likely first, raw
    std::array<telemetry::Alternative, telemetry::kMaxAlternatives> after{};  // most likely first, as sampled
};

class Sampler {
public:
    // Errors: BadArgument, naming the option and its range.
    static Result<Sampler> create(SamplerOptions options);
    Sampler(Sampler&&) noexcept;
    Sampler& operator=(Sampler&&) noexcept;
    ~Sampler();

    // The token for `position`. `logits`: one value for each id [vocab]; NaN counts as minus infinity.
    // `history`: the tokens before it, oldest first; only the last lookback() are read.
    // Errors: Internal when no token is left to draw.
    Result<Choice> sample(std::span<const float> logits, Position position, std::span<const TokenId> history);

    std::size_t lookback() const; // repetitionWindow where there is a penalty, else 0

    // What sample() would choose, without saying why; for guesses. Drawn with the random number of the position, so
    // that a guess from nearly the same logits is nearly always the same token. Nothing when no token is left to draw.
    std::optional<TokenId> guess(std::span<const float> logits, Position position,
                                 std::span<const TokenId> history) const;

private:
    struct Impl;
    explicit Sampler(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

// An unpredictable seed, never 0, for callers who chose none.
std::uint64_t drawSeed();

} // namespace bathy::sampler
