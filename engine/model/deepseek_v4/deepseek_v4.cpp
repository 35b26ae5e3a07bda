#include "engine/model/deepseek_v4/deepseek_v4.h"

#include "engine/base/system_memory.h"
#include "engine/model/deepseek_v4/bind.h"
#include "engine/model/deepseek_v4/draft.h"
#include "engine/model/deepseek_v4/scratch_plan.h"
#include "engine/model/expert_bans.h"
#include "engine/model/span_clock.h"
#include "engine/ops/rope.h"

#include <new>
#include <numeric>
#include <string>

namespace bathy::model::deepseek_v4 {
namespace {

Result<void> checkLimits(const Config& config) {
    if (config.expertsPerToken > telemetry::kMaxExpertsPerToken)
        return Error(ErrorCode::Unsupported, "num_experts_per_tok is " + std::to_string(config.expertsPerToken) +
                                                 ", this build takes up to " +
                                                 std::to_string(telemetry::kMaxExpertsPerToken));
    if (config.hcMult > ops::kMaxStreams)
        return Error(ErrorCode::Unsupported, "hc_mult is " + std::to_string(config.hcMult) +
                                                 ", this build takes up to " + std::to_string(ops::kMaxStreams));
    return {};
}

std::int64_t logitsCount(const ForwardOptions& options, std::size_t tokens) {
    if (options.logitsAt == LogitsAt::None)
        return 0;
    return options.logitsAt == LogitsAt::All ? static_cast<std::int64_t>(tokens) : 1;
}

std::uint64_t expertBytes(const ops::ExpertWeights& expert) {
    return static_cast<std::uint64_t>(ops::weightBytes(expert.w1) + ops::weightBytes(expert.w2) +
                                      ops::weightBytes(expert.w3));
}

std::uint64_t countSet(const std::vector<bool>& bits) {
    return static_cast<std::uint64_t>(std::count(bits.begin(), bits.end(), true));
}

} // namespace

Result<std::unique_ptr<DeepseekV4>> DeepseekV4::create(std::shared_ptr<const OpenedModel> opened, ThreadPool& pool,
                                                       device::CpuLevel level, const std::stop_token& stop) {
    BATHY_CHECK(checkLimits(opened->config));
    std::unique_ptr<DeepseekV4> model(new DeepseekV4(std::move(opened), pool, level));
    const auto& config = model->config();
    WeightStore store(model->m_opened->checkpoint, config.quant.blockRows, config.quant.blockCols);
    BATHY_TRY(model->m_weights, bindWeights(store, config, stop));
    if (model->m_opened->draft.kind == DraftKind::Mtp) {
        const auto before = store.bytes();
        BATHY_TRY(model->m_weights.draft, bindDraft(store, config, stop));
        model->m_draftBytes = store.bytes() - before;
    }
    BATHY_CHECK(model->m_opened->checkpoint.intact());
    model->m_rope = makeRopeTables(config);
    model->m_ranges = store.ranges();
    model->m_weightBytes = store.bytes();
    model->m_touched.embeddingRows.resize(static_cast<std::size_t>(config.vocabSize));
    model->m_touched.experts.assign(config.layers.size(),
                                    std::vector<bool>(static_cast<std::size_t>(config.routedExperts)));
    model->m_touched.draftExperts.resize(static_cast<std::size_t>(config.routedExperts));
    return model;
}

Result<std::unique_ptr<SequenceState>> DeepseekV4::createState(const StateOptions& options) {
    try {
        BATHY_TRY(auto state, State::create(config(), drafts(), options, this));
        return std::unique_ptr<SequenceState>(std::move(state));
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::OutOfMemory, "there is no memory for a new conversation",
                     "close other programs or conversations");
    }
}

Result<void> DeepseekV4::checkToken(TokenId token) const {
    if (raw(token) >= 0 && raw(token) < config().vocabSize)
        return {};
    return Error(ErrorCode::BadArgument, "token " + std::to_string(raw(token)) + " is outside the vocabulary of " +
                                             std::to_string(config().vocabSize));
}

Result<void> DeepseekV4::check(const State* state, std::span<const TokenId> tokens,
                               const ForwardOptions& options) const {
    if (!state || state->owner() != this)
        return Error(ErrorCode::BadArgument, "the sequence belongs to another model");
    if (tokens.empty())
        return Error(ErrorCode::BadArgument, "a step needs at least one token");
    for (const auto token : tokens)
        BATHY_CHECK(checkToken(token));
    BATHY_CHECK(checkBans(*this, options.bannedExperts));
    const auto wanted = logitsCount(options, tokens.size()) * config().vocabSize;
    if (static_cast<std::int64_t>(options.logits.size()) != wanted)
        return Error(ErrorCode::BadArgument, "room for " + std::to_string(options.logits.size()) +
                                                 " logits was given, the step makes " + std::to_string(wanted));
    const auto length = state->length() + static_cast<std::int64_t>(tokens.size());
    if (length > state->contextLimit())
        return Error(ErrorCode::ContextFull,
                     std::to_string(length) + " tokens do not fit in a context of " +
                         std::to_string(state->contextLimit()),
                     "start a new conversation, or open it with a larger context limit");
    return {};
}

Result<void> DeepseekV4::forward(SequenceState& sequence, std::span<const TokenId> tokens,
                                 const ForwardOptions& options) {
    auto* state = dynamic_cast<State*>(&sequence);
    BATHY_CHECK(check(state, tokens, options));
    BATHY_CHECK(m_opened->checkpoint.intact());
    const auto what = "a step of " + std::to_string(tokens.size()) + " tokens";
    const auto needed = stepBytes(*state, std::ssize(tokens));
    BATHY_CHECK(requireMemory(what, needed));
    try {
        state->endGuesses(tokens.front());
        BATHY_CHECK(state->cache().beginStep(static_cast<std::int64_t>(tokens.size())));
        runChunks(*state, tokens, options);
    } catch (const std::bad_alloc&) {
        state->cache().undoStep();
        return outOfMemory(what, needed);
    }
    if (auto intact = m_opened->checkpoint.intact(); !intact) {
        state->cache().undoStep();
        return intact.error();
    }
    if (options.stop.stop_requested()) {
        state->cache().undoStep();
        return cancelled();
    }
    state->cache().commitStep();
    return {};
}

std::uint64_t DeepseekV4::stepBytes(State& state, std::int64_t tokens) const {
    const auto scratch = scratchBytesFor(static_cast<int>(std::min(tokens, kChunkTokens)), state.length() + tokens);
    return state.cache().stepBytes(tokens) + scratch - std::min<std::uint64_t>(scratch, m_scratch.reservedBytes());
}

void DeepseekV4::runChunks(State& state, std::span<const TokenId> tokens, const ForwardOptions& options) {
    const auto count = static_cast<std::int64_t>(tokens.size());
    m_scratch.reserve(scratchBytesFor(static_cast<int>(std::min(count, kChunkTokens)), state.length() + count));
    std::vector<std::int32_t> ids(tokens.size());
    std::transform(tokens.begin(), tokens.end(), ids.begin(), [](TokenId token) { return raw(token); });
    const auto firstWithLogits = count - logitsCount(options, tokens.size());
    auto* logits = options.logits.data();
    for (std::int64_t begin = 0; begin < count && !options.stop.stop_requested(); begin += kChunkTokens) {
        const auto end = std::min(count, begin + kChunkTokens);
        const LogitsRequest request{std::max<std::int64_t>(0, end - std::max(begin, firstWithLogits)), logits};
        runChunk(state, state.length() + begin,
                 std::span(ids).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                 options, request);
        logits += request.count * config().vocabSize;
    }
}

void DeepseekV4::runChunk(State& state, std::int64_t first, std::span<const std::int32_t> ids,
                          const ForwardOptions& options, const LogitsRequest& logits) {
    SpanClock clock(options.spans);
    ops::Context context{m_pool, m_scratch, m_level, options.spans ? &clock : nullptr, LayerId{-1}, options.stop};
    context.precision = state.formats().precision;
    const auto tokens = static_cast<std::int64_t>(ids.size());
    const ops::ScratchScope scope(m_scratch);
    const auto positions = m_scratch.take<std::int64_t>(tokens);
    std::iota(positions.begin(), positions.end(), first);
    const auto mainAngles = m_scratch.take<float>(tokens * config().ropeDim);
    const auto compressAngles = m_scratch.take<float>(tokens * config().ropeDim);
    ops::ropeAngles(context, m_rope.main, positions, mainAngles.data());
    ops::ropeAngles(context, m_rope.compress, positions, compressAngles.data());
    const Step step{context, config(), state.formats(), m_rope,         state.cache(), first,
                    tokens,  ids,      mainAngles,      compressAngles, options};
    forwardChunk(step, m_weights, logits, m_touched);
}

Result<void> DeepseekV4::checkDraft(const State* state, TokenId token, const DraftOptions& options) const {
    if (!state || state->owner() != this)
        return Error(ErrorCode::BadArgument, "the sequence belongs to another model");
    BATHY_CHECK(checkToken(token));
    if (std::ssize(options.logits) != config().vocabSize)
        return Error(ErrorCode::BadArgument, "room for " + std::to_string(options.logits.size()) +
                                                 " logits was given, a guess makes " +
                                                 std::to_string(config().vocabSize));
    return state->checkGuess();
}

Result<void> DeepseekV4::draft(SequenceState& sequence, TokenId token, const DraftOptions& options) {
    if (!drafts())
        return Model::draft(sequence, token, options);
    auto* state = dynamic_cast<State*>(&sequence);
    BATHY_CHECK(checkDraft(state, token, options));
    BATHY_CHECK(m_opened->checkpoint.intact());
    try {
        runGuess(*state, token, options);
    } catch (const std::bad_alloc&) {
        return outOfMemory("a guess", scratchBytesFor(1, state->length()));
    }
    BATHY_CHECK(m_opened->checkpoint.intact());
    if (options.stop.stop_requested())
        return cancelled();
    return {};
}

// The rows that a stopped guess may have left in the window lie behind those of finished ones, and the next one
// overwrites them.
void DeepseekV4::runGuess(State& state, TokenId token, const DraftOptions& options) {
    auto& guesses = state.guesses();
    const auto width = static_cast<std::size_t>(config().streamWidth());
    m_scratch.reserve(scratchBytesFor(1, state.length()));
    SpanClock clock(options.spans);
    ops::Context context{m_pool, m_scratch, m_level, options.spans ? &clock : nullptr, LayerId{-1}, options.stop};
    context.precision = state.formats().precision;
    const ops::ScratchScope scope(m_scratch);
    const auto position = state.length() - 1 + guesses.count;
    const auto angles = m_scratch.take<float>(config().ropeDim);
    ops::ropeAngles(context, m_rope.main, std::span(&position, 1), angles.data());
    ForwardOptions quiet;
    quiet.stop = options.stop;
    const auto id = raw(token);
    const Step step{context, config(),          state.formats(), m_rope, state.cache(), position,
                    1,       std::span(&id, 1), angles,          {},     quiet};
    const auto out = m_scratch.take<float>(static_cast<std::int64_t>(width));
    runDraft(step, m_weights, state.guessFrom(), out.data(), {1, options.logits.data()}, m_touched);
    if (options.stop.stop_requested())
        return;
    guesses.streams.assign(out.begin(), out.end());
    if (guesses.count++ == 0)
        guesses.first = token;
}

std::uint64_t DeepseekV4::scratchBytesFor(int chunk, std::int64_t tokens) const {
    return planScratchBytes(config(), m_pool.threadCount(), chunk, tokens, drafts());
}

std::uint64_t DeepseekV4::weightBytesTouched() const {
    const auto rowBytes = static_cast<std::uint64_t>(m_weights.embed.rowBytes);
    std::uint64_t bytes = countSet(m_touched.embeddingRows) * rowBytes;
    if (!m_touched.layers)
        return bytes;
    // All that was bound, less what only some tokens use.
    bytes += m_weightBytes - static_cast<std::uint64_t>(ops::weightBytes(m_weights.embed));
    if (!m_touched.head)
        bytes -= static_cast<std::uint64_t>(ops::weightBytes(m_weights.head));
    const auto leaveOut = [&](const std::vector<bool>& touched, const MoeWeights& moe) {
        for (std::size_t e = 0; e < touched.size(); ++e)
            if (!touched[e])
                bytes -= expertBytes(moe.experts[e]);
    };
    for (std::size_t l = 0; l < m_weights.layers.size(); ++l)
        leaveOut(m_touched.experts[l], m_weights.layers[l].moe);
    if (m_touched.draft)
        leaveOut(m_touched.draftExperts, m_weights.draft->block.moe);
    else
        bytes -= m_draftBytes;
    return bytes;
}

} // namespace bathy::model::deepseek_v4
