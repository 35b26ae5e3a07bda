#include "engine/model/synth/rule_weights.h"

#include "engine/model/synth/counter_random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace bathy::model::synth {
namespace {

// value = offset + factor * u
struct Affine {
    double offset = 0;
    double factor = 1;
};

bool endsWith(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

Affine affineOf(const WeightRule& rule, const TensorSpec& spec) {
    const std::string_view name = spec.name;
    // Factors are rounded to float32 before the product in double, as the rule says.
    const auto perFanIn = [&](double gain) {
        return static_cast<double>(static_cast<float>(gain / std::sqrt(static_cast<double>(spec.shape.back()))));
    };
    if (endsWith(name, "norm.weight"))
        return {1, 0.25};
    if (endsWith(name, "_scale"))
        return {1, 0.5};
    if (name == "embed.weight" || endsWith(name, "embed_tokens.weight"))
        return {0, 2};
    if (endsWith(name, "bias") || endsWith(name, ".ape") || endsWith(name, "attn_sink") || endsWith(name, "_base"))
        return {0, 1};
    if (endsWith(name, "_fn"))
        return {0, perFanIn(4)};
    return {0, perFanIn(endsWith(name, "weights_proj.weight") ? 2 * rule.indexGain : 2)};
}

} // namespace

void ruleWeights(const WeightRule& rule, const TensorSpec& spec, std::uint64_t first, std::span<float> out) {
    const auto seed = fnv1a(spec.name, fnv1a(rule.salt));
    const auto affine = affineOf(rule, spec);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<float>(affine.offset + affine.factor * counterUnit(seed, first + i));
}

void ruleHashTable(int picks, int experts, std::uint64_t first, std::span<std::int64_t> out) {
    const auto width = static_cast<std::uint64_t>(picks);
    std::vector<std::int64_t> row;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto token = static_cast<std::int64_t>((first + i) / width);
        const auto wanted = (first + i) % width;
        if (i == 0 || wanted == 0) {
            row.clear();
            for (std::int64_t k = 0; k < picks; ++k) {
                auto expert = (7 * token + 3 + k * (1 + token % 7)) % experts;
                while (std::find(row.begin(), row.end(), expert) != row.end())
                    expert = (expert + 1) % experts;
                row.push_back(expert);
            }
        }
        out[i] = row[wanted];
    }
}

} // namespace bathy::model::synth
