#include "engine/model/quant_config.h"

namespace bathy::model {

Result<QuantConfig> readQuantConfig(const ConfigReader& reader) {
    if (!reader.has("quantization_config"))
        return QuantConfig();
    BATHY_TRY(const auto quant, reader.object("quantization_config"));
    BATHY_TRY(const auto method, quant.string("quant_method", "fp8"));
    if (method != "fp8")
        return Error(ErrorCode::Unsupported, "config.json: quantization_config.quant_method is \"" +
                                                 method.substr(0, 64) + "\", only fp8 is known");
    if (!quant.has("weight_block_size"))
        return QuantConfig();
    const auto& block = quant.at("weight_block_size");
    const auto valid = [&](std::size_t i) {
        return block[i].is_number_integer() && block[i].get<std::int64_t>() >= 1 &&
               block[i].get<std::int64_t>() <= 1 << 16;
    };
    if (!block.is_array() || block.size() != 2 || !valid(0) || !valid(1))
        return quant.bad("weight_block_size", "is not a pair of block sizes");
    return QuantConfig{block[0].get<int>(), block[1].get<int>()};
}

} // namespace bathy::model
