// From what a caller wrote to tokens, and from there to what a session already holds. Pure functions.
#pragma once

#include "engine/api/events.h"
#include "engine/base/result.h"
#include "engine/tokenizer/chat_format.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bathy::runtime {

struct EncodedPrompt {
    std::vector<TokenId> tokens;
    std::vector<api::MessageSpan> messages; // one per message of a chat
    bool reasoning = false;                 // the answer begins inside the reasoning
};

// What prompts are encoded with. `tokenizer` is null for a checkpoint without one: then only token prompts work.
struct PromptEncoder {
    const tokenizer::Tokenizer* tokenizer = nullptr;
    const tokenizer::ChatFormat& chat;
    std::int64_t vocabularySize = 0;

    // Errors: NoTokenizer, BadArgument (unknown role, token outside the vocabulary, nothing to encode), Unsupported (a
    // conversation for a model whose format is not known), those of the chat encoding.
    Result<EncodedPrompt> encode(const api::Prompt& prompt) const;
};

// Text that was sampled token by token rarely encodes to the same tokens again, which would throw away the memory of
// every earlier answer. Both sequences are cut at added tokens (role markers, ends of messages); leading parts that
// stand for the same bytes take over the tokens that are held.
void adoptHeldTokens(std::span<const TokenId> held, const tokenizer::Tokenizer& tokenizer, EncodedPrompt& prompt);

// How many leading tokens are equal.
std::int64_t commonPrefix(std::span<const TokenId> held, std::span<const TokenId> prompt);

// Positions in (reused, promptTokens) where a light checkpoint pays: before the last messages, which are what people
// edit, and just before the markers that open the answer, which is where an answer is regenerated. Ascending.
std::vector<std::int64_t> checkpointPositions(const EncodedPrompt& prompt, std::int64_t reused);

} // namespace bathy::runtime
