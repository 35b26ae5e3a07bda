// compareTensors: what the config needs against what the files hold.
#include "engine/model/deepseek_v4/tensor_spec.h"

#include "engine/model/gguf/names.h"

#include <algorithm>

namespace bathy::model::deepseek_v4 {
namespace {

std::string shapeText(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (const auto dim : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(dim);
    return text + "]";
}

bool sameShape(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool isPlainFloat(DType dtype) {
    return dtype == DType::F32 || dtype == DType::BF16 || dtype == DType::F16;
}

std::int64_t ceilDiv(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

// Draft modules may carry copies of the embedding and the head; rotary tables are recomputed.
bool isKnownExtra(std::string_view name) {
    const auto contains = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
    constexpr std::string_view kHead = "head.weight";
    const bool endsInHead = name.size() >= kHead.size() && name.substr(name.size() - kHead.size()) == kHead;
    const bool draft = name.substr(0, 4) == "mtp.";
    return contains("rotary_emb.inv_freq") || (draft && (contains("emb") || endsInHead));
}

class Comparison {
public:
    Comparison(const checkpoint::Checkpoint& checkpoint, const Config& config)
        : m_checkpoint(checkpoint), m_config(config), m_seen(checkpoint.tensorCount(), false) {}

    void expect(const TensorSpec& spec);
    void checkUnexpected();
    void problem(std::string text);
    SpecReport take() { return std::move(m_report); }

private:
    std::optional<checkpoint::TensorView> look(const std::string& name);
    void expectShape(const std::string& name, const checkpoint::TensorView& view, std::span<const std::int64_t> shape);
    void expectMatrix(const TensorSpec& spec, const checkpoint::TensorView& view);
    void expectScale(const TensorSpec& spec, std::vector<std::int64_t> shape, bool floatAllowed);
    void expectWholeScale(const TensorSpec& spec);
    void wrongDType(const std::string& name, DType dtype, const char* allowed);

    const checkpoint::Checkpoint& m_checkpoint;
    const Config& m_config;
    std::vector<bool> m_seen; // by stored tensor
    SpecReport m_report;
};

void Comparison::problem(std::string text) {
    if (m_report.problems.size() < kMaxProblems)
        m_report.problems.push_back(std::move(text));
    ++m_report.problemCount;
}

std::optional<checkpoint::TensorView> Comparison::look(const std::string& name) {
    if (const auto index = m_checkpoint.indexOf(name)) {
        m_seen[*index] = true;
        return m_checkpoint.find(name);
    }
    return std::nullopt;
}

void Comparison::wrongDType(const std::string& name, DType dtype, const char* allowed) {
    problem(name + ": dtype is " + std::string(dtypeName(dtype)) + ", needed is " + allowed);
}

void Comparison::expectShape(const std::string& name, const checkpoint::TensorView& view,
                             std::span<const std::int64_t> shape) {
    if (!sameShape(view.shape, shape))
        problem(name + ": shape is " + shapeText(view.shape) + ", config.json needs " + shapeText(shape));
}

void Comparison::expectScale(const TensorSpec& spec, std::vector<std::int64_t> shape, bool floatAllowed) {
    const auto name = scaleName(spec.name);
    const auto scale = look(name);
    if (!scale) {
        problem(name + ": is missing, the weight is quantised");
        return;
    }
    expectShape(name, *scale, shape);
    if (scale->dtype != DType::F8E8M0 && !(floatAllowed && scale->dtype == DType::F32))
        wrongDType(name, scale->dtype, floatAllowed ? "F8_E8M0 or F32" : "F8_E8M0");
}

// One factor for the whole matrix, which files may leave out.
void Comparison::expectWholeScale(const TensorSpec& spec) {
    const auto name = scaleName(spec.name);
    const auto scale = look(name);
    if (scale && (scale->dtype != DType::F32 || scale->elementCount() != 1))
        problem(name + ": is not one F32 value");
}

void Comparison::expectMatrix(const TensorSpec& spec, const checkpoint::TensorView& view) {
    const auto rows = spec.shape[0];
    const auto cols = spec.shape[1];
    if (isPlainFloat(view.dtype) || isBlockType(view.dtype)) {
        expectShape(spec.name, view, spec.shape);
        if (view.dtype == DType::NVFP4)
            expectWholeScale(spec);
    } else if (view.dtype == DType::F8E4M3) {
        expectShape(spec.name, view, spec.shape);
        expectScale(spec, {ceilDiv(rows, m_config.quant.blockRows), ceilDiv(cols, m_config.quant.blockCols)}, true);
    } else if (view.dtype == DType::I8 || view.dtype == DType::U8 || view.dtype == DType::F4E2M1) {
        if (cols % 32 != 0) {
            problem(spec.name + ": is packed FP4, which needs a multiple of 32 inputs, config.json gives " +
                    std::to_string(cols));
            return;
        }
        const auto storedCols = view.dtype == DType::F4E2M1 ? cols : cols / 2;
        expectShape(spec.name, view, std::vector<std::int64_t>{rows, storedCols});
        expectScale(spec, {rows, cols / 32}, false);
    } else {
        wrongDType(spec.name, view.dtype, "F32, BF16, F16, F8_E4M3, packed FP4 or a GGUF block type");
    }
}

void Comparison::expect(const TensorSpec& spec) {
    const auto view = look(spec.name);
    if (!view) {
        problem(spec.name + ": is missing");
        return;
    }
    if (spec.role == TensorRole::Matrix) {
        expectMatrix(spec, *view);
        return;
    }
    expectShape(spec.name, *view, spec.shape);
    if (spec.role == TensorRole::Plain && !isPlainFloat(view->dtype))
        wrongDType(spec.name, view->dtype, "F32, BF16 or F16");
    if (spec.role == TensorRole::Table && view->dtype != DType::I64 && view->dtype != DType::I32)
        wrongDType(spec.name, view->dtype, "I64 or I32");
}

void Comparison::checkUnexpected() {
    for (std::size_t i = 0; i < m_seen.size(); ++i) {
        if (m_seen[i])
            continue;
        const std::string name(m_checkpoint.tensor(i).name);
        if (isKnownExtra(name) || gguf::isDraftOrSide(name, m_config.layerCount()))
            m_report.ignored.push_back(name);
        else
            problem(name + ": is not a tensor of this model");
    }
}

} // namespace

SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint, const Config& config, DraftStages draft) {
    Comparison comparison(checkpoint, config);
    const auto expect = [&](const TensorSpec& spec) { comparison.expect(spec); };
    visitMainTensors(config, expect);
    if (draft.kind == DraftKind::Dspark && !config.dspark)
        comparison.problem("config.json: dspark_block_size is missing, but the files hold DSpark draft stages");
    visitDraftTensors(config, draft, expect);
    comparison.checkUnexpected();
    return comparison.take();
}

} // namespace bathy::model::deepseek_v4
