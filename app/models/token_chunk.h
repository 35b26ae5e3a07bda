// A fixed number of consecutive tokens with everything recorded of them. Copied only when it changes while a snapshot
// still holds it. No thread of its own.
#pragma once

#include "engine/telemetry/events.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bathy::models {

// Small enough that copying the last one for each snapshot does not show, large enough that 100,000 tokens are few.
inline constexpr int kChunkTokens = 64;

struct TokenRow {
    GenerationId generation{};
    TokenId token{};
    telemetry::TokenPhase phase = telemetry::TokenPhase::Prompt;
    std::uint32_t rank = 0;       // in the raw distribution, 0 = most likely
    float probability = 0;        // in the raw distribution
    float sampledProbability = 0; // in the distribution it was drawn from
    float entropy = 0;            // of the raw distribution, nats
    std::int64_t timeNs = 0;
    telemetry::GuessOutcome guess = telemetry::GuessOutcome::None;
    TokenId guessed{};              // where a guess was made
    std::int64_t gainNs = 0;        // time won (above 0) or lost by guessing, this token's share
    std::int16_t alternatives = -1; // index into the chunk's alternatives; -1: none

    bool isGenerated() const { return phase == telemetry::TokenPhase::Generated; }
};

struct TokenAlternatives {
    std::uint8_t beforeCount = 0;
    std::uint8_t afterCount = 0;
    std::array<telemetry::Alternative, telemetry::kMaxAlternatives> before{}; // raw distribution
    std::array<telemetry::Alternative, telemetry::kMaxAlternatives> after{};  // after the sampler's stages

    std::span<const telemetry::Alternative> beforeSpan() const { return {before.data(), beforeCount}; }
    std::span<const telemetry::Alternative> afterSpan() const { return {after.data(), afterCount}; }
};

struct RoutedExpert {
    std::uint16_t expert = 0;
    float weight = 0; // normalised, times routed_scaling_factor
};

class TokenChunk {
public:
    const TokenRow* token(int slot) const { return m_present[slot] ? &m_rows[slot] : nullptr; }
    const TokenAlternatives* alternatives(int slot) const;
    // The experts of slot in layer; empty when not recorded.
    std::span<const RoutedExpert> routing(int slot, int layer) const;
    int layers() const { return m_layers; }
    bool hasRouting() const { return !m_routing.empty(); }
    std::size_t routingBytes() const { return m_routing.size() * sizeof(RoutedExpert) + m_counts.size(); }

    void setToken(int slot, const telemetry::TokenEvent& event);
    void setRouting(int slot, int layer, std::span<const RoutedExpert> experts);
    void cut(int fromSlot); // forgets slots from here on
    void dropRouting();
    // Room for this many layers and experts a token; keeps what is there.
    void makeRoom(int layers, int perToken);

private:
    std::array<TokenRow, kChunkTokens> m_rows{};
    std::array<bool, kChunkTokens> m_present{};
    std::vector<TokenAlternatives> m_alternatives;
    int m_layers = 0;
    int m_perToken = 0;
    std::vector<RoutedExpert> m_routing; // [slot, layer, perToken]
    std::vector<std::uint8_t> m_counts;  // [slot, layer]
};

} // namespace bathy::models
