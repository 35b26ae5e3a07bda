// Turns a stream of tokens into text that is whole characters at every moment. Bytes that cannot be completed become
// U+FFFD, one for each maximal part as the Unicode standard recommends (3.9, table 3-8). One owner, any thread.
#pragma once

#include "engine/tokenizer/tokenizer.h"

#include <string>
#include <string_view>

namespace bathy::tokenizer {

class StreamDecoder {
public:
    // The tokenizer must outlive the decoder.
    explicit StreamDecoder(const Tokenizer& tokenizer) : m_tokenizer(&tokenizer) {}

    // The characters that this token completes; empty while one is still open.
    std::string feed(TokenId id) { return feedBytes(m_tokenizer->tokenBytes(id)); }
    std::string feedBytes(std::string_view bytes);
    // What is left open, as U+FFFD; the decoder is then empty again.
    std::string finish();
    bool isOpen() const { return !m_open.empty(); }

private:
    const Tokenizer* m_tokenizer;
    std::string m_open; // at most three bytes: the beginning of a character
};

} // namespace bathy::tokenizer
