#include "tests/support/rule_model.h"

#include "engine/checkpoint/safetensors_writer.h"
#include "engine/model/deepseek_v3/tensor_spec.h"
#include "engine/model/dense/tensor_spec.h"
#include "kernels/common/number_formats.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace bathy::test {
namespace {

using checkpoint::TensorPlan;
using model::TensorRole;
using model::TensorSpec;
using Bytes = std::vector<std::byte>;

constexpr std::int64_t kBlock = 16;

template <class T>
T valueOrThrow(Result<T> result) {
    if (!result)
        throw std::runtime_error(result.error().what());
    return *std::move(result);
}

void visit(const std::string& configJson, const model::TensorVisitor& visitor) {
    const auto type = nlohmann::json::parse(configJson).at("model_type").get<std::string>();
    if (type.starts_with("deepseek"))
        model::deepseek_v3::visitTensors(valueOrThrow(model::deepseek_v3::parseConfig(configJson)), false, visitor);
    else
        model::dense::visitTensors(valueOrThrow(model::dense::parseConfig(configJson)), visitor);
}

template <class T>
void append(Bytes& bytes, T value) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), first, first + sizeof(T));
}

// One tensor, or two with its scales, on their way into the file.
class FileContent {
public:
    explicit FileContent(StoreAs store) : m_store(store) {}

    void add(const TensorSpec& spec, const std::vector<float>& values) {
        // V3 keeps embeddings, heads, routers and index head weights in BF16 or F32.
        const bool dense = spec.published == model::StoredAs::Fp8Blocks;
        if ((m_store == StoreAs::Fp8 || m_store == StoreAs::Fp8AsF32) && dense)
            return addBlocks(spec, values);
        Bytes bytes;
        const bool half = m_store == StoreAs::BF16 && spec.role == TensorRole::Matrix;
        for (const float value : values)
            half ? append(bytes, kernels::floatToBf16(value)) : append(bytes, value);
        put(spec.name, half ? DType::BF16 : DType::F32, spec.shape, std::move(bytes));
    }

    void write(const std::filesystem::path& path) const {
        auto writer = valueOrThrow(checkpoint::SafetensorsWriter::create(path, m_plans));
        for (const auto& bytes : m_bytes)
            if (!writer.append(bytes))
                throw std::runtime_error("cannot write " + path.string());
        if (!writer.finish())
            throw std::runtime_error("cannot write " + path.string());
    }

private:
    void put(std::string name, DType dtype, std::vector<std::int64_t> shape, Bytes bytes) {
        m_plans.push_back({std::move(name), dtype, std::move(shape)});
        m_bytes.push_back(std::move(bytes));
    }

    void addBlocks(const TensorSpec& spec, const std::vector<float>& values) {
        const auto rows = spec.shape[0];
        const auto cols = spec.shape[1];
        const auto blockCols = (cols + kBlock - 1) / kBlock;
        std::vector<float> scales(static_cast<std::size_t>((rows + kBlock - 1) / kBlock * blockCols));
        const auto scaleOf = [&](std::int64_t r, std::int64_t c) -> float& {
            return scales[static_cast<std::size_t>(r / kBlock * blockCols + c / kBlock)];
        };
        for (std::int64_t i = 0; i < rows * cols; ++i)
            scaleOf(i / cols, i % cols) =
                std::max(scaleOf(i / cols, i % cols), std::fabs(values[static_cast<std::size_t>(i)]) / 448);
        Bytes codes;
        Bytes decoded;
        for (std::int64_t i = 0; i < rows * cols; ++i) {
            const float scale = scaleOf(i / cols, i % cols);
            const auto code = kernels::floatToE4m3(values[static_cast<std::size_t>(i)] / scale);
            append(codes, code);
            append(decoded, kernels::e4m3ToFloat(code) * scale);
        }
        if (m_store == StoreAs::Fp8AsF32)
            return put(spec.name, DType::F32, spec.shape, std::move(decoded));
        put(spec.name, DType::F8E4M3, spec.shape, std::move(codes));
        Bytes scaleBytes;
        for (const float scale : scales)
            append(scaleBytes, scale);
        put(spec.name + "_scale_inv", DType::F32, {(rows + kBlock - 1) / kBlock, blockCols}, std::move(scaleBytes));
    }

    StoreAs m_store;
    std::vector<TensorPlan> m_plans;
    std::vector<Bytes> m_bytes;
};

} // namespace

void writeFamilyModel(const std::filesystem::path& folder, const std::string& configJson, const WeightRule& rule,
                      StoreAs store) {
    auto config = nlohmann::json::parse(configJson);
    if (store == StoreAs::Fp8)
        config["quantization_config"] = {{"quant_method", "fp8"}, {"weight_block_size", {kBlock, kBlock}}};
    std::ofstream(folder / "config.json") << config.dump(2);
    FileContent content(store);
    visit(configJson, [&](const TensorSpec& spec) {
        std::vector<float> values(spec.elementCount());
        model::synth::ruleWeights(rule, spec, 0, values);
        content.add(spec, values);
    });
    content.write(folder / "model.safetensors");
}

} // namespace bathy::test
