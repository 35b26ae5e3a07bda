#include "engine/sampler/sampler.h"

#include "engine/sampler/random.h"
#include "engine/sampler/raw_distribution.h"
#include "engine/sampler/stages.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace bathy::sampler {
namespace {

Error outOfRange(std::string_view option, float value, std::string_view range) {
    return Error(ErrorCode::BadArgument,
                 std::string(option) + " " + std::to_string(value) + " is outside its range: " + std::string(range));
}

Result<void> check(const SamplerOptions& options) {
    if (!(options.temperature >= 0 && options.temperature <= 100))
        return outOfRange("temperature", options.temperature, "0 to 100");
    if (options.topK < 0)
        return outOfRange("top-k", static_cast<float>(options.topK), "0 or more");
    if (!(options.topP > 0 && options.topP <= 1))
        return outOfRange("top-p", options.topP, "above 0 to 1");
    if (!(options.minP >= 0 && options.minP <= 1))
        return outOfRange("min-p", options.minP, "0 to 1");
    if (!(options.repetitionPenalty > 0 && options.repetitionPenalty <= 100))
        return outOfRange("repetition penalty", options.repetitionPenalty, "above 0 to 100");
    if (options.repetitionWindow < 0)
        return outOfRange("repetition window", static_cast<float>(options.repetitionWindow), "0 or more");
    return {};
}

std::uint8_t fillAlternatives(std::vector<Candidate> candidates, Alternatives& out) {
    const auto count = std::min(candidates.size(), out.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                      isBefore);
    std::uint8_t filled = 0;
    for (std::size_t i = 0; i < count && candidates[i].probability > 0; ++i)
        out[filled++] = {candidates[i].token, static_cast<float>(candidates[i].probability)};
    return filled;
}

} // namespace

struct Sampler::Impl {
    SamplerOptions options;

    // The stages before the draw: what may be drawn. Empty when nothing is left.
    std::vector<Candidate> narrow(std::span<const float> logits, std::span<const TokenId> history) const;
    const Candidate& drawn(const std::vector<Candidate>& candidates, Position position) const;
};

Sampler::Sampler(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

Result<Sampler> Sampler::create(SamplerOptions options) {
    BATHY_CHECK(check(options));
    return Sampler(std::make_unique<Impl>(Impl{std::move(options)}));
}

std::vector<Candidate> Sampler::Impl::narrow(std::span<const float> logits, std::span<const TokenId> history) const {
    const bool asGiven = options.repetitionPenalty == 1 && options.banned.empty();
    if (options.temperature == 0 && asGiven) {
        const auto best = mostLikely(logits);
        return best ? std::vector<Candidate>{{*best, 0, 1}} : std::vector<Candidate>{};
    }
    auto candidates = candidatesOf(logits);
    if (options.repetitionPenalty != 1)
        penalizeRepetition(candidates,
                           history.last(std::min(history.size(), static_cast<std::size_t>(options.repetitionWindow))),
                           options.repetitionPenalty);
    ban(candidates, options.banned);
    if (options.temperature == 0) {
        keepTopK(candidates, 1);
    } else {
        applyTemperature(candidates, options.temperature);
        if (options.topK > 0)
            keepTopK(candidates, static_cast<std::size_t>(options.topK));
    }
    if (!normalize(candidates))
        return {};
    if (options.topP < 1)
        keepTopP(candidates, static_cast<double>(options.topP));
    if (options.minP > 0)
        keepMinP(candidates, static_cast<double>(options.minP));
    return candidates;
}

const Candidate& Sampler::Impl::drawn(const std::vector<Candidate>& candidates, Position position) const {
    return candidates[draw(candidates, uniformAt(options.seed, static_cast<std::uint64_t>(raw(position))))];
}

Result<Choice> Sampler::sample(std::span<const float> logits, Position position, std::span<const TokenId> history) {
    const RawDistribution before(logits);
    auto candidates = m_impl->narrow(logits, history);
    if (before.empty() || candidates.empty())
        return Error(ErrorCode::Internal, "no token is left to draw at position " + std::to_string(raw(position)),
                     "the logits are not finite, or every token is banned");
    const auto& chosen = m_impl->drawn(candidates, position);
    Choice choice;
    choice.token = chosen.token;
    choice.sampledProbability = static_cast<float>(chosen.probability);
    choice.probability = static_cast<float>(before.probabilityOf(choice.token));
    choice.rank = before.rankOf(choice.token);
    choice.entropy = static_cast<float>(before.entropy());
    choice.beforeCount = before.alternatives(choice.before);
    choice.afterCount = fillAlternatives(std::move(candidates), choice.after);
    return choice;
}

std::size_t Sampler::lookback() const {
    return m_impl->options.repetitionPenalty == 1 ? 0 : static_cast<std::size_t>(m_impl->options.repetitionWindow);
}

std::optional<TokenId> Sampler::guess(std::span<const float> logits, Position position,
                                      std::span<const TokenId> history) const {
    const auto candidates = m_impl->narrow(logits, history);
    if (candidates.empty())
        return std::nullopt;
    return m_impl->drawn(candidates, position).token;
}

std::uint64_t drawSeed() {
    std::random_device device;
    const auto seed = static_cast<std::uint64_t>(device()) << 32U | device();
    return seed != 0 ? seed : 1;
}

} // namespace bathy::sampler
