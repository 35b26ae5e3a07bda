#include "engine/model/decoder/decoder.h"

#include "engine/base/system_memory.h"
#include "engine/model/expert_bans.h"
#include "engine/model/span_clock.h"
#include "engine/ops/linear.h"
#include "engine/ops/norm.h"
#include "engine/ops/rope.h"

#include <algorithm>
#include <new>
#include <numeric>
#include <string>

namespace bathy::model::decoder {
namespace {

using telemetry::SpanKind;

std::int64_t logitsCount(const ForwardOptions& options, std::size_t tokens) {
    if (options.logitsAt == LogitsAt::None)
        return 0;
    return options.logitsAt == LogitsAt::All ? static_cast<std::int64_t>(tokens) : 1;
}

void add(std::span<const float> y, std::span<float> h) {
    for (std::size_t i = 0; i < h.size(); ++i)
        h[i] += y[i];
}

} // namespace

Result<FrameWeights> bindFrame(WeightStore& store, const Facts& facts, bool tied) {
    FrameWeights w;
    BATHY_TRY(w.norm, store.vector("model.norm.weight", facts.hiddenSize));
    if (!tied) {
        BATHY_TRY(w.head, store.matrix("lm_head.weight", facts.vocabSize, facts.hiddenSize));
    }
    // A prompt needs few of its rows: its turn comes last, unless every row is needed for the logits.
    BATHY_TRY(w.embed, store.matrix("model.embed_tokens.weight", facts.vocabSize, facts.hiddenSize,
                                    tied ? Use::EveryToken : Use::SomeTokens));
    if (tied)
        w.head = w.embed;
    for (int l = 0; l < facts.layerCount; ++l) {
        const auto prefix = "model.layers." + std::to_string(l) + ".";
        FrameWeights::Norms norms;
        BATHY_TRY(norms.attention, store.vector(prefix + "input_layernorm.weight", facts.hiddenSize));
        BATHY_TRY(norms.feedForward, store.vector(prefix + "post_attention_layernorm.weight", facts.hiddenSize));
        w.layers.push_back(std::move(norms));
    }
    return w;
}

void Decoder::setUp(Facts facts, FrameWeights weights, const WeightStore& store) {
    m_facts = std::move(facts);
    m_weights = std::move(weights);
    m_ranges = store.ranges();
    m_weightBytes = store.bytes();
    m_embeddingRowsTouched.resize(static_cast<std::size_t>(m_facts.vocabSize));
}

Result<std::unique_ptr<SequenceState>> Decoder::createState(const StateOptions& options) {
    try {
        BATHY_TRY(auto state, State::create(m_facts.state, options, this));
        return std::unique_ptr<SequenceState>(std::move(state));
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::OutOfMemory, "there is no memory for a new conversation",
                     "close other programs or conversations");
    }
}

Result<void> Decoder::check(const State* state, std::span<const TokenId> tokens, const ForwardOptions& options) const {
    if (!state || state->owner() != this)
        return Error(ErrorCode::BadArgument, "the sequence belongs to another model");
    if (tokens.empty())
        return Error(ErrorCode::BadArgument, "a step needs at least one token");
    for (const auto token : tokens)
        if (raw(token) < 0 || raw(token) >= m_facts.vocabSize)
            return Error(ErrorCode::BadArgument, "token " + std::to_string(raw(token)) +
                                                     " is outside the vocabulary of " +
                                                     std::to_string(m_facts.vocabSize));
    BATHY_CHECK(checkBans(*this, options.bannedExperts));
    const auto wanted = logitsCount(options, tokens.size()) * m_facts.vocabSize;
    if (std::ssize(options.logits) != wanted)
        return Error(ErrorCode::BadArgument, "room for " + std::to_string(options.logits.size()) +
                                                 " logits was given, the step makes " + std::to_string(wanted));
    const auto length = state->length() + std::ssize(tokens);
    if (length > state->contextLimit())
        return Error(ErrorCode::ContextFull,
                     std::to_string(length) + " tokens do not fit in a context of " +
                         std::to_string(state->contextLimit()),
                     "start a new conversation, or open it with a larger context limit");
    return {};
}

Result<void> Decoder::forward(SequenceState& sequence, std::span<const TokenId> tokens, const ForwardOptions& options) {
    auto* state = dynamic_cast<State*>(&sequence);
    BATHY_CHECK(check(state, tokens, options));
    BATHY_CHECK(files().intact());
    const auto what = "a step of " + std::to_string(tokens.size()) + " tokens";
    const auto needed = stepBytes(*state, std::ssize(tokens));
    BATHY_CHECK(requireMemory(what, needed));
    try {
        BATHY_CHECK(state->cache().beginStep(std::ssize(tokens)));
        runChunks(*state, tokens, options);
    } catch (const std::bad_alloc&) {
        return outOfMemory(what, needed);
    }
    BATHY_CHECK(files().intact());
    if (options.stop.stop_requested())
        return cancelled();
    state->cache().commitStep(std::ssize(tokens));
    return {};
}

std::uint64_t Decoder::stepBytes(State& state, std::int64_t tokens) const {
    const auto scratch =
        scratchBytesFor(static_cast<int>(std::min<std::int64_t>(tokens, kChunkTokens)), state.length() + tokens);
    return state.cache().stepBytes(tokens) + scratch - std::min<std::uint64_t>(scratch, m_scratch.reservedBytes());
}

void Decoder::runChunks(State& state, std::span<const TokenId> tokens, const ForwardOptions& options) {
    const auto count = std::ssize(tokens);
    m_scratch.reserve(
        scratchBytesFor(static_cast<int>(std::min<std::int64_t>(count, kChunkTokens)), state.length() + count));
    std::vector<std::int32_t> ids(tokens.size());
    std::transform(tokens.begin(), tokens.end(), ids.begin(), [](TokenId token) { return raw(token); });
    const auto firstWithLogits = count - logitsCount(options, tokens.size());
    auto* logits = options.logits.data();
    for (std::int64_t begin = 0; begin < count && !options.stop.stop_requested(); begin += kChunkTokens) {
        const auto end = std::min<std::int64_t>(count, begin + kChunkTokens);
        const LogitsRequest request{std::max<std::int64_t>(0, end - std::max(begin, firstWithLogits)), logits};
        runChunk(state, state.length() + begin,
                 std::span(ids).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                 options, request);
        logits += request.count * m_facts.vocabSize;
    }
}

void Decoder::runChunk(State& state, std::int64_t first, std::span<const std::int32_t> ids,
                       const ForwardOptions& options, const LogitsRequest& logits) {
    SpanClock clock(options.spans);
    ops::Context context{m_pool, m_scratch, m_level, options.spans ? &clock : nullptr, LayerId{-1}, options.stop};
    context.precision = state.formats().precision;
    const auto tokens = std::ssize(ids);
    const ops::ScratchScope scope(m_scratch);
    const auto positions = m_scratch.take<std::int64_t>(tokens);
    std::iota(positions.begin(), positions.end(), first);
    const auto angles = m_scratch.take<float>(tokens * m_facts.ropeDim());
    ops::ropeAngles(context, m_facts.ropeFrequencies, positions, angles.data());
    if (m_facts.ropeMagnitude != 1)
        for (auto& angle : angles)
            angle = static_cast<float>(angle * m_facts.ropeMagnitude);
    const Step step{context, state.formats(), state.cache(), first, tokens, ids, angles, m_facts.ropeDim(), options};

    const auto h = m_scratch.take<float>(tokens * m_facts.hiddenSize);
    for (const auto id : ids)
        m_embeddingRowsTouched[static_cast<std::size_t>(id)] = true;
    {
        const ops::Span embedding(context, SpanKind::Embed, tokens);
        ops::gatherRows(context, m_weights.embed, ids, h.data());
    }
    if (!step.stopped())
        runLayers(step, h.data());
    if (logits.count > 0 && !step.stopped())
        writeLogits(step, h.data(), logits);
}

void Decoder::runLayers(const Step& step, float* h) {
    const auto d = m_facts.hiddenSize;
    const auto eps = static_cast<float>(m_facts.rmsEps);
    const std::span<float> residual(h, static_cast<std::size_t>(step.tokens * d));
    const auto x = m_scratch.take<float>(step.tokens * d);
    const auto y = m_scratch.take<float>(step.tokens * d);
    if (step.options.streams)
        step.options.streams->onStreams(LayerId{-1}, Position{step.first}, residual);
    m_layersTouched = true;
    for (std::size_t l = 0; l < m_weights.layers.size() && !step.stopped(); ++l) {
        step.ops.layer = LayerId{static_cast<std::int32_t>(l)};
        ops::rmsNorm(step.ops, h, m_weights.layers[l].attention, eps, step.tokens, x.data());
        attend(step, l, x.data(), y.data());
        if (step.stopped())
            break;
        add(y, residual);
        ops::rmsNorm(step.ops, h, m_weights.layers[l].feedForward, eps, step.tokens, x.data());
        feedForward(step, l, x.data(), y.data());
        if (step.stopped())
            break;
        add(y, residual);
        if (step.options.streams)
            step.options.streams->onStreams(step.ops.layer, Position{step.first}, residual);
    }
    step.ops.layer = LayerId{-1};
}

void Decoder::writeLogits(const Step& step, const float* h, const LogitsRequest& logits) {
    const ops::Span span(step.ops, SpanKind::Head, logits.count);
    const ops::ScratchScope scope(m_scratch);
    m_headTouched = true;
    const auto d = m_facts.hiddenSize;
    const auto normed = m_scratch.take<float>(logits.count * d);
    ops::rmsNorm(step.ops, h + (step.tokens - logits.count) * d, m_weights.norm, static_cast<float>(m_facts.rmsEps),
                 logits.count, normed.data());
    ops::linear(step.ops, m_weights.head, normed.data(), logits.count, logits.out);
}

std::uint64_t Decoder::scratchBytesFor(int chunk, std::int64_t tokens) const {
    return planScratchBytes(m_pool.threadCount(), chunk, tokens);
}

std::uint64_t Decoder::weightBytesTouched() const {
    const auto rows =
        static_cast<std::uint64_t>(std::count(m_embeddingRowsTouched.begin(), m_embeddingRowsTouched.end(), true));
    const auto embedding = rows * static_cast<std::uint64_t>(m_weights.embed.rowBytes);
    if (!m_layersTouched)
        return embedding;
    const bool tied = m_weights.head.data == m_weights.embed.data;
    const auto embedBytes = static_cast<std::uint64_t>(ops::weightBytes(m_weights.embed));
    const auto headBytes = tied ? embedBytes : static_cast<std::uint64_t>(ops::weightBytes(m_weights.head));
    // All that was bound, less what only some tokens use.
    auto bytes = m_weightBytes - untouchedExpertBytes();
    if (!m_headTouched)
        bytes -= headBytes;
    if (!tied)
        bytes -= embedBytes - embedding;
    else if (!m_headTouched)
        bytes += embedding;
    return bytes;
}

} // namespace bathy::model::decoder
