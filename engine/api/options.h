// What a caller may choose, as plain values. Every default is what a person would want who chose nothing.
#pragma once

#include "engine/base/precision.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bathy::api {

enum class ThinkingMode : std::uint8_t { Chat, Thinking };

struct ModelOptions {
    std::string path;            // folder, file, "bundled"
    std::string device = "auto"; // auto, cpu (others when built)
    int threads = 0;             // 0: one per physical core
    // Of the memory available, left for other programs; below 0: the engine's choice. What does not fit into the rest
    // is refused before it is loaded, unless `force`.
    std::int64_t reserveBytes = -1;
    bool force = false;
};

struct SessionOptions {
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::Auto;
    std::int64_t contextLimit = 0; // tokens; 0: the model's own
    int prefillChunk = 512;        // tokens a prefill step takes; a stop is answered between steps at the latest
};

struct SamplingOptions {
    float temperature = 1.0F;       // 0: greedy
    int topK = 0;                   // 0: off
    float topP = 1.0F;              // 1: off
    float minP = 0.0F;              // 0: off
    float repetitionPenalty = 1.0F; // 1: off
    int repetitionWindow = 256;     // tokens looked back on
    std::uint64_t seed = 0;         // 0: drawn by the engine and reported back
    std::vector<std::string> stop;  // the text ends before the first of these
    std::int64_t maxTokens = 0;     // 0: until the end token or the context limit

    friend bool operator==(const SamplingOptions&, const SamplingOptions&) = default;
};

// Tokens guessed ahead by the checkpoint's draft block and checked together, which changes the speed and nothing else:
// always so many (1 to kMostGuesses; a few steps without come first, to know what is gained), or one of these. Without
// effect where the checkpoint brings no such block.
inline constexpr int kSpeculateOff = 0;
inline constexpr int kSpeculateAuto = -1; // as many as measurements say that it pays, often none
inline constexpr int kMostGuesses = 7;

// A turn of a conversation, in the words of the chat encoding.
struct ChatMessage {
    std::string role; // system, user, assistant, developer, latest_reminder
    std::string content;
    std::string reasoning; // assistant only
    std::vector<std::string>
        documents; // user only: whole document texts, rendered before the content, each as its own block
};

struct ChatOptions {
    ThinkingMode thinking = ThinkingMode::Chat;
    std::string effort; // "", low, high, max; refused with the reason where the checkpoint does not bring the sentences
    bool dropThinking = true; // earlier turns' reasoning is left out, as the official encoder does
};

} // namespace bathy::api
