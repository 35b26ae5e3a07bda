#include "engine/model/rope_scaling.h"

#include <cmath>

namespace bathy::model {
namespace {

constexpr double kMostContext = 1 << 30;
constexpr double kMostFactor = 1e6;

// 0.1 mu ln(factor) + 1
double yarnTerm(double factor, double mu) {
    return factor <= 1 ? 1.0 : 0.1 * mu * std::log(factor) + 1.0;
}

Result<std::optional<double>> optionalNumber(const ConfigReader& reader, const char* key) {
    if (!reader.has(key))
        return std::optional<double>();
    BATHY_TRY(const auto value, reader.number(key, -kMostFactor, kMostFactor));
    return std::optional(value);
}

Result<void> readYarn(const ConfigReader& reader, RopeConfig& rope) {
    rope.kind = RopeScalingKind::Yarn;
    BATHY_TRY(rope.originalContext, reader.number("original_max_position_embeddings", 1, kMostContext));
    BATHY_TRY(rope.betaFast, reader.number("beta_fast", 1e-6, 1e6, 32.0));
    BATHY_TRY(rope.betaSlow, reader.number("beta_slow", 1e-6, 1e6, 1.0));
    if (rope.betaFast <= rope.betaSlow)
        return reader.bad("beta_fast", "is not larger than beta_slow");
    BATHY_TRY(rope.attentionFactor, optionalNumber(reader, "attention_factor"));
    BATHY_TRY(rope.attnFactor, optionalNumber(reader, "attn_factor"));
    BATHY_TRY(rope.mscale, optionalNumber(reader, "mscale"));
    BATHY_TRY(rope.mscaleAllDim, optionalNumber(reader, "mscale_all_dim"));
    return {};
}

Result<void> readLlama3(const ConfigReader& reader, RopeConfig& rope) {
    rope.kind = RopeScalingKind::Llama3;
    BATHY_TRY(rope.originalContext, reader.number("original_max_position_embeddings", 1, kMostContext));
    BATHY_TRY(rope.lowFactor, reader.number("low_freq_factor", 1e-6, 1e6));
    BATHY_TRY(rope.highFactor, reader.number("high_freq_factor", 1e-6, 1e6));
    if (rope.highFactor <= rope.lowFactor)
        return reader.bad("high_freq_factor", "is not larger than low_freq_factor");
    return {};
}

Result<void> readScaling(const ConfigReader& reader, RopeConfig& rope) {
    // "type" in older files, "rope_type" in newer ones.
    BATHY_TRY(const auto older, reader.string("type", "default"));
    BATHY_TRY(const auto type, reader.string("rope_type", older));
    if (reader.has("rope_theta")) {
        BATHY_TRY(rope.theta, reader.number("rope_theta", 1, 1e12));
    }
    if (type == "default")
        return {};
    BATHY_TRY(rope.factor, reader.number("factor", 1, kMostFactor));
    if (type == "linear") {
        rope.kind = RopeScalingKind::Linear;
        return {};
    }
    if (type == "yarn")
        return readYarn(reader, rope);
    if (type == "llama3")
        return readLlama3(reader, rope);
    return Error(ErrorCode::Unsupported, "config.json: rope scaling of type \"" + type.substr(0, 64) +
                                             "\", known are default, linear, yarn and llama3");
}

} // namespace

double RopeConfig::magnitude() const {
    if (kind != RopeScalingKind::Yarn)
        return 1;
    if (attentionFactor)
        return *attentionFactor;
    if (mscale.value_or(0) != 0 && mscaleAllDim.value_or(0) != 0)
        return yarnTerm(factor, *mscale) / yarnTerm(factor, *mscaleAllDim);
    return attnFactor.value_or(1) * yarnTerm(factor, 1);
}

double RopeConfig::scoreFactor() const {
    if (kind == RopeScalingKind::None || mscaleAllDim.value_or(0) == 0)
        return 1;
    const double m = yarnTerm(factor, *mscaleAllDim);
    return m * m;
}

Result<RopeConfig> readRopeConfig(const ConfigReader& reader) {
    RopeConfig rope;
    BATHY_TRY(rope.theta, reader.number("rope_theta", 1, 1e12, 10000.0));
    for (const char* key : {"rope_scaling", "rope_parameters"})
        if (reader.has(key)) {
            BATHY_TRY(const auto nested, reader.object(key));
            BATHY_CHECK(readScaling(nested, rope));
        }
    return rope;
}

} // namespace bathy::model
