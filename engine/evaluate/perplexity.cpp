#include "engine/evaluate/perplexity.h"

#include "engine/evaluate/text_windows.h"
#include "engine/evaluate/token_score.h"
#include "engine/tokenizer/chat_encoding.h"
#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>

namespace bathy::evaluate {
namespace {

// Logits of a piece are held in memory, for two models at most.
constexpr std::int64_t kLogitsBytes = std::int64_t{32} << 20;
constexpr std::int64_t kLargestPiece = 512;

// One model with its memory of the present window and the logits of the present piece.
class Reader {
public:
    static Result<Reader> create(model::Model& model, const PerplexityOptions& options,
                                 std::span<const ExpertRef> banned) {
        model::StateOptions state;
        state.precision = options.precision;
        state.rollbackSlack = 0;
        state.checkpointLimit = 0;
        BATHY_TRY(auto made, model.createState(state));
        return Reader(model, std::move(made), banned, options.stop);
    }

    void forget() { m_state->truncate(0); }
    Result<void> feed(std::span<const TokenId> tokens, bool wantLogits) {
        m_logits.resize(wantLogits ? tokens.size() * vocabulary() : 0);
        model::ForwardOptions options;
        options.logitsAt = wantLogits ? model::LogitsAt::All : model::LogitsAt::None;
        options.logits = m_logits;
        options.bannedExperts = m_banned;
        options.stop = m_stop;
        return m_model->forward(*m_state, tokens, options);
    }
    std::span<const float> row(std::size_t index) const {
        return std::span(m_logits).subspan(index * vocabulary(), vocabulary());
    }

private:
    Reader(model::Model& model, std::unique_ptr<model::SequenceState> state, std::span<const ExpertRef> banned,
           std::stop_token stop)
        : m_model(&model), m_state(std::move(state)), m_banned(banned), m_stop(std::move(stop)) {}
    std::size_t vocabulary() const { return static_cast<std::size_t>(m_model->vocabularySize()); }

    model::Model* m_model;
    std::unique_ptr<model::SequenceState> m_state;
    std::span<const ExpertRef> m_banned; // of the options
    std::stop_token m_stop;
    std::vector<float> m_logits;
};

class Measurement {
public:
    Measurement(const ScoredText& text, Reader reader, std::optional<Reader> reference, std::int64_t piece)
        : m_text(text), m_reader(std::move(reader)), m_reference(std::move(reference)), m_piece(piece) {}

    // Feeds the window up to its last token but one and scores what each row predicts.
    Result<void> run(const TextWindow& window) {
        m_fed.clear();
        if (m_text.beginToken)
            m_fed.push_back(*m_text.beginToken);
        const auto tokens = std::span(m_text.tokens);
        const auto inside = tokens.subspan(static_cast<std::size_t>(window.begin),
                                           static_cast<std::size_t>(window.end - 1 - window.begin));
        m_fed.insert(m_fed.end(), inside.begin(), inside.end());
        // Row r of the fed tokens predicts the text's token r + shift.
        const auto shift = window.begin + (m_text.beginToken ? 0 : 1);
        m_reader.forget();
        if (m_reference)
            m_reference->forget();
        for (std::int64_t at = 0; at < std::ssize(m_fed);) {
            const bool scores = at + shift >= window.scored;
            const auto limit = scores ? std::ssize(m_fed) : window.scored - shift;
            const auto count = std::min(m_piece, limit - at);
            const auto piece = std::span(m_fed).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
            BATHY_CHECK(m_reader.feed(piece, scores));
            if (m_reference)
                BATHY_CHECK(m_reference->feed(piece, scores));
            if (scores)
                score(at + shift, piece.size());
            at += count;
        }
        return {};
    }

    std::int64_t scored() const { return m_result.tokens; }
    PerplexityResult finish(bool stopped) {
        m_result.stopped = stopped;
        if (m_reference && m_result.tokens > 0) {
            double sum = 0;
            for (const auto kl : m_divergences)
                sum += kl;
            const auto count = static_cast<double>(m_divergences.size());
            m_result.comparison = {sum / count, quantile(m_divergences, 0.99), static_cast<double>(m_same) / count};
        }
        return m_result;
    }

private:
    void score(std::int64_t first, std::size_t rows) {
        for (std::size_t r = 0; r < rows; ++r) {
            const auto target = static_cast<std::size_t>(first) + r;
            m_result.nats += surprise(m_reader.row(r), m_text.tokens[target]);
            m_result.bytes += m_text.bytes[target];
            ++m_result.tokens;
            if (!m_reference)
                continue;
            m_divergences.push_back(divergence(m_reference->row(r), m_reader.row(r)));
            m_same += firstChoice(m_reference->row(r)) == firstChoice(m_reader.row(r)) ? 1 : 0;
        }
    }

    const ScoredText& m_text;
    Reader m_reader;
    std::optional<Reader> m_reference;
    std::int64_t m_piece;
    std::vector<TokenId> m_fed;
    std::vector<double> m_divergences;
    std::int64_t m_same = 0;
    PerplexityResult m_result;
};

} // namespace

double PerplexityResult::perplexity() const {
    return tokens > 0 ? std::exp(nats / static_cast<double>(tokens)) : 0;
}

double PerplexityResult::bitsPerByte() const {
    return bytes > 0 ? nats / std::numbers::ln2 / static_cast<double>(bytes) : 0;
}

Result<ScoredText> scoredText(const tokenizer::Tokenizer& tokenizer, std::string_view text, std::string_view name) {
    if (const auto valid = tokenizer::utf8ValidPrefix(text); valid < text.size())
        return Error(ErrorCode::BadFile, std::string(name) + ": byte " + std::to_string(valid) + " is not UTF-8",
                     "convert the text, for example with iconv");
    ScoredText result;
    BATHY_TRY(result.tokens, tokenizer.encode(text, tokenizer::Special::Never));
    result.bytes.reserve(result.tokens.size());
    for (const auto token : result.tokens)
        result.bytes.push_back(static_cast<std::uint32_t>(tokenizer.tokenBytes(token).size()));
    result.beginToken = tokenizer.findAdded(tokenizer::kBeginOfSentence);
    if (result.tokens.size() < (result.beginToken ? 1U : 2U))
        return Error(ErrorCode::BadFile, std::string(name) + ": has no text to score");
    return result;
}

Result<PerplexityResult> measurePerplexity(model::Model& model, model::Model* reference, const ScoredText& text,
                                           const PerplexityOptions& options) {
    const auto longest =
        reference ? std::min(model.contextLength(), reference->contextLength()) : model.contextLength();
    if (options.context < kSmallestContext || options.context > longest)
        return Error(ErrorCode::BadArgument, "the context must be in " + std::to_string(kSmallestContext) + ".." +
                                                 std::to_string(longest) + ", not " + std::to_string(options.context));
    if (reference && reference->vocabularySize() != model.vocabularySize())
        return Error(ErrorCode::BadArgument,
                     "the reference has " + std::to_string(reference->vocabularySize()) +
                         " tokens in its vocabulary, the model " + std::to_string(model.vocabularySize()),
                     "only models with the same tokenizer can be compared token by token");
    BATHY_TRY(auto reader, Reader::create(model, options, options.bannedExperts));
    std::optional<Reader> other;
    if (reference) {
        BATHY_TRY(auto made, Reader::create(*reference, options, {}));
        other = std::move(made);
    }
    const auto fits = std::max<std::int64_t>(1, kLogitsBytes / (model.vocabularySize() * 4));
    Measurement measurement(text, std::move(reader), std::move(other), std::min(fits, kLargestPiece));
    const auto total = std::ssize(text.tokens);
    for (const auto& window : textWindows(total, options.context, text.beginToken.has_value())) {
        if (const auto done = measurement.run(window); !done && done.error().isCancelled())
            return measurement.finish(true);
        else if (!done)
            return done.error();
        if (options.progress)
            options.progress(measurement.scored(), total);
    }
    return measurement.finish(false);
}

} // namespace bathy::evaluate
