#include "engine/model/synth/fill.h"

#include "engine/model/synth/counter_random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace bathy::model::synth {
namespace {

// Uniform draws of quantised codes have these standard deviations before the scale.
constexpr double kFp8Spread = 240;
const double kFp8Deviation = kFp8Spread / std::sqrt(3.0);
constexpr double kFp4Deviation = 2.9315; // root mean square of {.5, .5, 1, 1.5, 2, 3, 4, 6}

double e4m3Value(unsigned code) {
    const auto exponent = code >> 3 & 15U;
    const auto mantissa = static_cast<double>(code & 7U);
    return exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, static_cast<int>(exponent) - 10);
}

// Random byte -> e4m3 code, so that the values are uniform in (-kFp8Spread, kFp8Spread) and none is zero or NaN.
std::array<std::byte, 256> makeFp8Codes() {
    std::array<std::byte, 256> codes{};
    for (unsigned r = 0; r < 256; ++r) {
        const double wanted = ((r + 0.5) / 128 - 1) * kFp8Spread;
        unsigned best = 1;
        for (unsigned code = 1; code < 0x7F; ++code)
            if (std::abs(e4m3Value(code) - std::abs(wanted)) < std::abs(e4m3Value(best) - std::abs(wanted)))
                best = code;
        codes[r] = static_cast<std::byte>(best | (wanted < 0 ? 0x80U : 0U));
    }
    return codes;
}

// 16 random nibbles, where the codes of +0 and -0 become +0.5 and -0.5.
std::uint64_t fp4Word(std::uint64_t random) {
    const auto isZero = ~(random | random >> 1 | random >> 2) & 0x1111'1111'1111'1111ULL;
    return random | isZero;
}

std::uint16_t bf16Bits(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

bool endsWith(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

// Writes word(i) for the words from `begin` on; the last may be cut.
template <class Word>
void fillWords(std::uint64_t begin, std::span<std::byte> out, Word word) {
    for (std::size_t at = 0; at < out.size(); at += 8) {
        const std::uint64_t value = word((begin + at) / 8);
        std::memcpy(out.data() + at, &value, std::min<std::size_t>(8, out.size() - at));
    }
}

void fillFp8(std::uint64_t seed, std::uint64_t begin, std::span<std::byte> out) {
    static const auto kCodes = makeFp8Codes();
    fillWords(begin, out, [&](std::uint64_t index) {
        auto word = std::bit_cast<std::array<std::uint8_t, 8>>(counterBits(seed, index));
        for (auto& byte : word)
            byte = std::to_integer<std::uint8_t>(kCodes[byte]);
        return std::bit_cast<std::uint64_t>(word);
    });
}

// Powers of two whose mean brings the weight's deviation to 1 / sqrt(inputs): the two nearest, mixed at random.
void fillScale(std::uint64_t seed, double wanted, std::uint64_t begin, std::span<std::byte> out) {
    const double exponent = std::log2(wanted);
    const double low = std::floor(exponent);
    const auto lowByte = static_cast<std::uint8_t>(std::clamp(low + 127, 1.0, 253.0));
    // Share of the upper one, of 256: variances add, so that p 4^(low+1) + (1 - p) 4^low = wanted^2.
    const double share = (std::exp2(2 * (exponent - low)) - 1) / 3;
    const auto threshold = static_cast<unsigned>(std::lround(share * 256));
    fillWords(begin, out, [&](std::uint64_t index) {
        auto word = std::bit_cast<std::array<std::uint8_t, 8>>(counterBits(seed, index));
        for (auto& byte : word)
            byte = static_cast<std::uint8_t>(lowByte + (byte < threshold ? 1 : 0));
        return std::bit_cast<std::uint64_t>(word);
    });
}

// The same for scales in F32, spread by a tenth.
void fillF32Scale(std::uint64_t seed, double wanted, std::uint64_t begin, std::span<std::byte> out) {
    fillWords(begin, out, [&](std::uint64_t index) {
        std::array<float, 2> pair{};
        for (std::size_t i = 0; i < pair.size(); ++i)
            pair[i] = static_cast<float>(wanted * (1 + 0.1 * counterUnit(seed, 2 * index + i)));
        return std::bit_cast<std::uint64_t>(pair);
    });
}

// offset + factor u, u uniform in (-1, 1) in steps of 2^-15, never 0.
void fillBf16(std::uint64_t seed, float offset, float factor, std::uint64_t begin, std::span<std::byte> out) {
    fillWords(begin, out, [&](std::uint64_t index) {
        auto word = std::bit_cast<std::array<std::uint16_t, 4>>(counterBits(seed, index));
        for (auto& half : word)
            half = bf16Bits(offset + factor * ((static_cast<float>(half) + 0.5F) / 32768.0F - 1.0F));
        return std::bit_cast<std::uint64_t>(word);
    });
}

} // namespace

std::uint64_t Fill::seedOf(const FillPlan& plan) const {
    return fnv1a(plan.stored.name, fnv1a("seed/" + std::to_string(m_seed) + "/"));
}

void Fill::fillPublished(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const {
    const auto seed = seedOf(plan);
    const auto inputs = static_cast<double>(plan.spec.shape.back());
    if (plan.isScale) {
        const double deviation = plan.spec.published == StoredAs::Fp4 ? kFp4Deviation : kFp8Deviation;
        const double wanted = 1 / std::sqrt(inputs) / deviation;
        plan.stored.dtype == DType::F32 ? fillF32Scale(seed, wanted, begin, out) : fillScale(seed, wanted, begin, out);
        return;
    }
    if (plan.stored.dtype == DType::F8E4M3)
        fillFp8(seed, begin, out);
    else if (plan.stored.dtype == DType::I8)
        fillWords(begin, out, [&](std::uint64_t index) { return fp4Word(counterBits(seed, index)); });
    else if (endsWith(plan.spec.name, "bias"))
        fillBf16(seed, 0.0F, 0.1F, begin, out);
    else if (plan.spec.role == TensorRole::Plain)
        fillBf16(seed, 1.0F, 0.1F, begin, out); // a norm
    else if (plan.spec.component == Component::Embedding)
        fillBf16(seed, 0.0F, 1.0F, begin, out);
    else
        fillBf16(seed, 0.0F, static_cast<float>(std::sqrt(3 / inputs)), begin, out);
}

void Fill::fill(const FillPlan& plan, std::uint64_t begin, std::span<std::byte> out) const {
    if (plan.spec.role == TensorRole::Table) {
        std::vector<std::int64_t> experts(out.size() / 8);
        ruleHashTable(m_preset.hashPicks, m_preset.experts, begin / 8, experts);
        std::memcpy(out.data(), experts.data(), experts.size() * 8);
        return;
    }
    if (m_preset.weights == Weights::Published && (plan.isScale || plan.spec.published != StoredAs::F32)) {
        fillPublished(plan, begin, out);
        return;
    }
    std::vector<float> values(out.size() / 4);
    auto rule = m_rule;
    if (m_preset.weights == Weights::Published)
        rule.salt = "seed/" + std::to_string(m_seed) + "/";
    ruleWeights(rule, plan.spec, begin / 4, values);
    // Real biases are small beside the scores; large ones would send every token to the same experts.
    if (m_preset.weights == Weights::Published && plan.spec.component == Component::Router &&
        endsWith(plan.spec.name, "bias"))
        for (auto& value : values)
            value *= 0.05F;
    std::memcpy(out.data(), values.data(), values.size() * 4);
}

} // namespace bathy::model::synth
