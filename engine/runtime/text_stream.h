// Sampled tokens as the two texts of an answer: whole characters, reasoning split off at </think>, ended before a stop
// string. Engine thread.
#pragma once

#include "engine/sampler/stop_strings.h"
#include "engine/tokenizer/stream_decoder.h"
#include "engine/tokenizer/tokenizer.h"

#include <optional>
#include <string>
#include <vector>

namespace bathy::runtime {

class TextStream {
public:
    struct Delta {
        bool reasoning = false;
        std::string text;
    };

    // `tokenizer` may be null: then there is no text. `reasoning`: the answer begins inside the reasoning. Stop strings
    // are looked for in the answer, not in the reasoning.
    TextStream(const tokenizer::Tokenizer* tokenizer, bool reasoning, std::vector<std::string> stops);

    // At most two parts, reasoning first; empty parts are left out.
    std::vector<Delta> feed(TokenId token);
    // What was held back.
    std::vector<Delta> finish();

    bool stopped() const { return m_stopped; }
    const std::string& text() const { return m_text; }
    const std::string& reasoningText() const { return m_reasoningText; }

private:
    void append(std::string text, std::vector<Delta>& out);

    const tokenizer::Tokenizer* m_tokenizer;
    std::optional<tokenizer::StreamDecoder> m_decoder;
    std::optional<TokenId> m_thinkEnd;
    sampler::StopStrings m_stops;
    bool m_reasoning;
    bool m_stopped = false;
    std::string m_text;
    std::string m_reasoningText;
};

} // namespace bathy::runtime
