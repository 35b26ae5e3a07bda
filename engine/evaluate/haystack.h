// Long texts with a needle in them, made from a prose text by a fixed rule. Immutable; any thread.
//
// The rule. The prose is cut into sentences (after . ! ? and closing quotes, where white space follows; white space
// becomes one space). A document takes them in order from a sentence that the seed chooses, from the end on to the
// beginning again, as many as fit beside the question. A needle is "The secret number of NAME is DIGITS." with one of
// sixteen names and five digits that the seed chooses; it stands before the first sentence at which depth times the
// document's tokens are reached. Decoys are needles with other names and digits, spread evenly. Sentences are joined by
// spaces; the question "What is the secret number of NAME?" follows after an empty line.
#pragma once

#include "engine/base/result.h"
#include "engine/evaluate/item.h"
#include "engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::evaluate {

struct PasskeyQuestion {
    std::string prompt;
    std::string answer;
};

std::vector<std::string> splitSentences(std::string_view prose);

class Haystack {
public:
    // Errors: BadFile when there is no sentence in `prose`; those of Tokenizer::encode. `name` stands for the file.
    static Result<Haystack> create(std::string_view prose, std::string_view name,
                                   const tokenizer::Tokenizer& tokenizer);

    // Encodes to at most passkey.length tokens with the markers of a chat, and to nearly as many.
    Result<PasskeyQuestion> ask(const Passkey& passkey, const tokenizer::Tokenizer& tokenizer) const;

private:
    struct Sentence {
        std::string text; // ends with a space
        std::int64_t tokens = 0;
    };
    explicit Haystack(std::vector<Sentence> sentences) : m_sentences(std::move(sentences)) {}

    std::vector<Sentence> m_sentences;
};

} // namespace bathy::evaluate
