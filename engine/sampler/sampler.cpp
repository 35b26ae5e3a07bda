#include "engine/sampler/sampler.h"

#include "engine/sampler/random.h"
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

using Alternatives = std::array<telemetry::Alternative, telemetry::kMaxAlternatives>;

std::uint8_t fillAlternatives(std::vector<Candidate> candidates, Alternatives& out) {
    const auto count = std::min(candidates.size(), out.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                      isBefore);
    std::uint8_t filled = 0;
    for (std::size_t i = 0; i < count && candidates[i].probability > 0; ++i)
        out[filled++] = {candidates[i].token, static_cast<float>(candidates[i].probability)};
    return filled;
}

// log p differs from the most likely one's by as much as the logits do: one logarithm instead of one for each.
double entropyOf(const std::vector<Candidate>& candidates) {
    const auto& top = *std::min_element(candidates.begin(), candidates.end(), isBefore);
    double entropy = -std::log(top.probability);
    for (const auto& candidate : candidates)
        if (candidate.probability > 0)
            entropy += candidate.probability * (static_cast<double>(top.logit) - static_cast<double>(candidate.logit));
    return entropy;
}

} // namespace

struct Sampler::Impl {
    SamplerOptions options;

    // Stages before the draw. False when nothing is left.
    bool narrow(std::vector<Candidate>& candidates, std::span<const TokenId> history) const;
};

Sampler::Sampler(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

Result<Sampler> Sampler::create(SamplerOptions options) {
    BATHY_CHECK(check(options));
    return Sampler(std::make_unique<Impl>(Impl{std::move(options)}));
}

bool Sampler::Impl::narrow(std::vector<Candidate>& candidates, std::span<const TokenId> history) const {
    if (options.repetitionPenalty != 1)
        penalizeRepetition(candidates,
                           history.last(std::min(history.size(), static_cast<std::size_t>(options.repetitionWindow))),
                           options.repetitionPenalty);
    ban(candidates, options.banned);
    if (options.temperature == 0) {
        keepTopK(candidates, 1);
        return normalize(candidates);
    }
    applyTemperature(candidates, options.temperature);
    if (options.topK > 0)
        keepTopK(candidates, static_cast<std::size_t>(options.topK));
    if (!normalize(candidates))
        return false;
    if (options.topP < 1)
        keepTopP(candidates, static_cast<double>(options.topP));
    if (options.minP > 0)
        keepMinP(candidates, static_cast<double>(options.minP));
    return true;
}

Result<Choice> Sampler::sample(std::span<const float> logits, Position position, std::span<const TokenId> history) {
    auto raws = candidatesOf(logits);
    auto candidates = raws;
    if (!normalize(raws) || !m_impl->narrow(candidates, history))
        return Error(ErrorCode::Internal, "no token is left to draw at position " + std::to_string(raw(position)),
                     "the logits are not finite, or every token is banned");
    const auto index = draw(candidates, uniformAt(m_impl->options.seed, static_cast<std::uint64_t>(raw(position))));
    Choice choice;
    choice.token = candidates[index].token;
    choice.sampledProbability = static_cast<float>(candidates[index].probability);
    const auto& chosen = raws[static_cast<std::size_t>(raw(choice.token))];
    choice.probability = static_cast<float>(chosen.probability);
    choice.rank = static_cast<std::uint32_t>(
        std::count_if(raws.begin(), raws.end(), [&](const Candidate& other) { return isBefore(other, chosen); }));
    choice.entropy = static_cast<float>(entropyOf(raws));
    choice.afterCount = fillAlternatives(std::move(candidates), choice.after);
    choice.beforeCount = fillAlternatives(std::move(raws), choice.before);
    return choice;
}

std::size_t Sampler::lookback() const {
    return m_impl->options.repetitionPenalty == 1 ? 0 : static_cast<std::size_t>(m_impl->options.repetitionWindow);
}

std::optional<TokenId> Sampler::guess(std::span<const float> logits, Position position,
                                      std::span<const TokenId> history) const {
    auto candidates = candidatesOf(logits);
    if (!m_impl->narrow(candidates, history))
        return std::nullopt;
    return candidates[draw(candidates, uniformAt(m_impl->options.seed, static_cast<std::uint64_t>(raw(position))))]
        .token;
}

std::uint64_t drawSeed() {
    std::random_device device;
    const auto seed = static_cast<std::uint64_t>(device()) << 32U | device();
    return seed != 0 ? seed : 1;
}

} // namespace bathy::sampler
