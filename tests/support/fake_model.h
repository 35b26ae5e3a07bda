// A model that computes nothing but behaves like one: the logits of a position depend on all tokens up to it, memory
// can be taken back to kept checkpoints only, steps take a set time and can be stopped. For tests of the runtime.
#pragma once

#include "engine/base/thread_owner.h"
#include "engine/model/model.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

namespace bathy::test {

// What the fake model guesses of the tokens to come.
enum class FakeGuesses { None, Right, Wrong, EverySecond };

struct FakeModelOptions {
    std::int64_t vocabulary = 64;
    std::int64_t contextLength = 4096;
    int layers = 3;
    int experts = 8;
    int expertsPerToken = 2;
    std::chrono::microseconds perToken{0};
    FakeGuesses guesses = FakeGuesses::None;
    std::chrono::nanoseconds perGuess{0}; // by the fake's own clock; nothing waits for them
    std::chrono::nanoseconds perStep{1000};
};

class FakeState final : public model::SequenceState {
public:
    FakeState(std::int64_t limit, int slack) : m_limit(limit), m_slack(slack) {}

    std::int64_t length() const override { return std::ssize(tokens); }
    std::int64_t contextLimit() const override { return m_limit; }
    Precision precision() const override { return Precision::Fast; }
    KvFormat kvFormat() const override { return KvFormat::BF16; }
    std::int64_t truncate(std::int64_t position) override {
        const auto reached = reachable(position);
        guessed.clear();
        tokens.resize(static_cast<std::size_t>(reached));
        bans.resize(static_cast<std::size_t>(reached));
        std::erase_if(checkpoints, [&](std::int64_t at) { return at > reached; });
        return reached;
    }
    void keepCheckpoint() override { checkpoints.insert(length()); }
    Result<std::unique_ptr<model::SequenceState>> fork(std::int64_t position) const override {
        auto copy = std::make_unique<FakeState>(m_limit, m_slack);
        copy->tokens.assign(tokens.begin(), tokens.begin() + reachable(position));
        copy->bans.assign(bans.begin(), bans.begin() + reachable(position));
        return std::unique_ptr<model::SequenceState>(std::move(copy));
    }
    // A token's lasting row is its number; nothing else is to be kept.
    std::uint64_t lastingBytes(std::int64_t begin, std::int64_t end) const override {
        return static_cast<std::uint64_t>(end - begin) * sizeof(TokenId);
    }
    Result<std::vector<std::byte>> lastingRows(std::int64_t begin, std::int64_t end) const override {
        const auto bytes = std::as_bytes(
            std::span(tokens).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
        return std::vector<std::byte>(bytes.begin(), bytes.end());
    }
    Result<std::vector<std::byte>> recentRows() const override { return std::vector<std::byte>(); }
    Result<void> restoreLasting(std::int64_t begin, std::int64_t end, std::span<const std::byte> bytes) override {
        if (bytes.size() != lastingBytes(begin, end))
            return Error(ErrorCode::BadFile, "stored rows have another size");
        restored.resize(static_cast<std::size_t>(end));
        std::memcpy(restored.data() + begin, bytes.data(), bytes.size());
        return {};
    }
    Result<void> restoreRecent(std::int64_t length, std::span<const std::byte> bytes) override {
        if (!bytes.empty() || length != std::ssize(restored))
            return Error(ErrorCode::BadFile, "stored rows are not those of this length");
        tokens = std::move(restored);
        bans.assign(tokens.size(), 0);
        return {};
    }
    bool canGuess() const override { return kept && !tokens.empty(); }
    telemetry::KvEvent memory() const override {
        telemetry::KvEvent event;
        event.tokens = length();
        event.bytes[telemetry::KvPart::Window] = static_cast<std::uint64_t>(length()) * 16;
        return event;
    }

    std::vector<TokenId> tokens;
    std::vector<std::uint64_t> bans; // beside them: what they were computed without
    std::set<std::int64_t> checkpoints;
    bool kept = false;             // what guesses need, of the last token
    std::vector<TokenId> guessed;  // told to draft() since the last step
    std::vector<TokenId> restored; // until they count

private:
    std::int64_t reachable(std::int64_t position) const {
        if (position >= length() - m_slack)
            return std::min(position, length());
        std::int64_t best = 0;
        for (const auto at : checkpoints)
            if (at <= position)
                best = at;
        return best;
    }

    std::int64_t m_limit;
    int m_slack;
};

class FakeModel : public model::Model {
public:
    explicit FakeModel(FakeModelOptions options = {}) : m_options(options) {}

    std::string_view family() const override { return "fake"; }
    std::int64_t vocabularySize() const override { return m_options.vocabulary; }
    std::int64_t contextLength() const override { return m_options.contextLength; }
    int layerCount() const override { return m_options.layers; }
    int expertsPerToken() const override { return m_options.expertsPerToken; }
    int expertCount() const override { return m_options.experts; }

    Result<std::unique_ptr<model::SequenceState>> createState(const model::StateOptions& options) override {
        if (options.contextLimit < 0 || options.contextLimit > m_options.contextLength)
            return Error(ErrorCode::BadArgument, "the context limit is out of range");
        const auto limit = options.contextLimit > 0 ? options.contextLimit : m_options.contextLength;
        return std::unique_ptr<model::SequenceState>(std::make_unique<FakeState>(limit, options.rollbackSlack));
    }

    Result<void> forward(model::SequenceState& state, std::span<const TokenId> tokens,
                         const model::ForwardOptions& options) override {
        m_owner.check();
        auto& fake = static_cast<FakeState&>(state);
        const auto first = state.length();
        if (first + std::ssize(tokens) > state.contextLimit())
            return Error(ErrorCode::ContextFull, "the context is full");
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (options.stop.stop_requested())
                return cancelled();
            if (m_options.perToken.count() > 0)
                std::this_thread::sleep_for(m_options.perToken);
        }
        m_spent += m_options.perStep;
        fed += tokens.size();
        fake.guessed.clear();
        fake.kept = options.keepDrafts && drafts();
        fake.tokens.insert(fake.tokens.end(), tokens.begin(), tokens.end());
        fake.bans.resize(fake.tokens.size(), bansMark(options.bannedExperts));
        report(tokens, first, options);
        const auto vocabulary = static_cast<std::size_t>(m_options.vocabulary);
        for (std::size_t row = 0; row < options.logits.size() / vocabulary; ++row) {
            const auto known = fake.tokens.size() - options.logits.size() / vocabulary + row + 1;
            fillLogits(std::span(fake.tokens).first(known), fake.bans,
                       options.logits.subspan(row * vocabulary, vocabulary));
        }
        return {};
    }

    bool drafts() const override { return m_options.guesses != FakeGuesses::None; }

    Result<void> draft(model::SequenceState& state, TokenId token, const model::DraftOptions& options) override {
        m_owner.check();
        auto& fake = static_cast<FakeState&>(state);
        if (!fake.canGuess())
            return Error(ErrorCode::BadArgument, "nothing was kept to guess from");
        m_spent += m_options.perGuess;
        fake.guessed.push_back(token);
        auto tokens = fake.tokens;
        tokens.insert(tokens.end(), fake.guessed.begin(), fake.guessed.end());
        fillLogits(tokens, std::vector(tokens.size(), fake.bans.back()), options.logits);
        const bool wrong = m_options.guesses == FakeGuesses::Wrong ||
                           (m_options.guesses == FakeGuesses::EverySecond && tokens.size() % 2 == 0);
        if (wrong)
            std::transform(options.logits.begin(), options.logits.end(), options.logits.begin(), std::negate<>());
        return {};
    }

    std::int64_t clockNs() const { return m_spent.count(); } // what steps and guesses took so far; engine thread

    // The token that greedy sampling chooses after `tokens`, all computed under the same bans.
    TokenId next(std::span<const TokenId> tokens, std::span<const ExpertRef> bans = {}) const {
        std::vector<float> logits(static_cast<std::size_t>(m_options.vocabulary));
        fillLogits(tokens, std::vector(tokens.size(), bansMark(bans)), logits);
        return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    }

    std::uint64_t weightBytes() const override { return 1000; }
    std::uint64_t weightBytesTouched() const override { return 500; }
    std::uint64_t scratchBytes() const override { return 100; }
    std::uint64_t scratchBytesFor(int chunk, std::int64_t /*tokens*/) const override {
        return static_cast<std::uint64_t>(chunk) * 10;
    }

    std::size_t fed = 0; // tokens computed so far, over all states

private:
    static std::uint64_t mix(std::uint64_t z) {
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    static std::uint64_t bansMark(std::span<const ExpertRef> bans) {
        std::uint64_t mark = 0;
        for (const auto& ban : bans)
            mark += static_cast<std::uint64_t>(raw(ban.layer) * 1000 + raw(ban.expert) + 1);
        return mark;
    }
    void fillLogits(std::span<const TokenId> tokens, std::span<const std::uint64_t> bans,
                    std::span<float> logits) const {
        std::uint64_t hash = 1;
        for (std::size_t i = 0; i < tokens.size(); ++i)
            hash = mix(hash * 31 + static_cast<std::uint64_t>(raw(tokens[i])) + 1 + (bans[i] << 32U));
        for (std::size_t i = 0; i < logits.size(); ++i)
            logits[i] = static_cast<float>(mix(hash + i) >> 40U) / static_cast<float>(1U << 22U);
    }
    void report(std::span<const TokenId> tokens, std::int64_t first, const model::ForwardOptions& options) const {
        const auto picks = static_cast<std::size_t>(m_options.expertsPerToken);
        std::vector<std::int32_t> experts(tokens.size() * picks);
        std::vector<float> weights(experts.size(), 0.5F);
        for (int layer = 0; layer < m_options.layers; ++layer) {
            for (std::size_t i = 0; i < experts.size(); ++i)
                experts[i] = static_cast<std::int32_t>(
                    (static_cast<std::size_t>(raw(tokens[i / picks])) + i % picks + static_cast<std::size_t>(layer)) %
                    static_cast<std::size_t>(m_options.experts));
            if (options.routing)
                options.routing->onRouting(LayerId{layer}, Position{first}, m_options.expertsPerToken, experts,
                                           weights);
            if (options.spans)
                options.spans->onSpan(
                    {telemetry::SpanKind::Experts, LayerId{layer}, static_cast<std::uint32_t>(tokens.size()), 1, 1});
            probe(LayerId{layer}, first, tokens.size(), options);
        }
    }
    static void probe(LayerId layer, std::int64_t first, std::size_t count, const model::ForwardOptions& options) {
        for (auto p = first; options.probes && p < first + static_cast<std::int64_t>(count); ++p) {
            if (!options.probes->wants(layer, Position{p}))
                continue;
            const std::vector<std::int64_t> entries{0, 1, 2};
            const std::vector<float> scores{1, 3, 2};
            const std::vector<float> mass{0.1F, 0.2F, 0.3F};
            const std::vector<float> window{0.15F, 0.15F};
            options.probes->onProbe({layer, Position{p}, 4, entries, scores, mass, p - 1, window, 0.1F});
        }
    }

    FakeModelOptions m_options;
    std::chrono::nanoseconds m_spent{0};
    ThreadOwner m_owner;
};

} // namespace bathy::test
