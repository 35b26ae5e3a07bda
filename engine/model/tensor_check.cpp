#include "engine/model/tensor_spec.h"

#include <algorithm>

namespace bathy::model {
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

class Comparison {
public:
    Comparison(const checkpoint::Checkpoint& checkpoint, const QuantConfig& quant)
        : m_checkpoint(checkpoint), m_quant(quant), m_seen(checkpoint.tensorCount(), false) {}

    void expect(const TensorSpec& spec);
    void checkUnexpected(const std::function<bool(std::string_view)>& isKnownExtra);
    SpecReport take() { return std::move(m_report); }

private:
    std::optional<checkpoint::TensorView> look(const std::string& name);
    void expectShape(const std::string& name, const checkpoint::TensorView& view, std::span<const std::int64_t> shape);
    void expectMatrix(const TensorSpec& spec, const checkpoint::TensorView& view);
    void expectScale(const TensorSpec& spec, std::vector<std::int64_t> shape, bool floatAllowed);
    void expectWholeScale(const TensorSpec& spec);
    void wrongDType(const std::string& name, DType dtype, const char* allowed);

    const checkpoint::Checkpoint& m_checkpoint;
    const QuantConfig& m_quant;
    std::vector<bool> m_seen; // by stored tensor
    SpecReport m_report;
};

std::optional<checkpoint::TensorView> Comparison::look(const std::string& name) {
    if (const auto index = m_checkpoint.indexOf(name)) {
        m_seen[*index] = true;
        return m_checkpoint.find(name);
    }
    return std::nullopt;
}

void Comparison::wrongDType(const std::string& name, DType dtype, const char* allowed) {
    m_report.add(name + ": dtype is " + std::string(dtypeName(dtype)) + ", needed is " + allowed);
}

void Comparison::expectShape(const std::string& name, const checkpoint::TensorView& view,
                             std::span<const std::int64_t> shape) {
    if (!sameShape(view.shape, shape))
        m_report.add(name + ": shape is " + shapeText(view.shape) + ", config.json needs " + shapeText(shape));
}

void Comparison::expectScale(const TensorSpec& spec, std::vector<std::int64_t> shape, bool floatAllowed) {
    const auto name = scaleName(spec.name);
    const auto scale = look(name);
    if (!scale) {
        m_report.add(name + ": is missing, the weight is quantised");
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
        m_report.add(name + ": is not one F32 value");
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
        expectScale(spec, {ceilDiv(rows, m_quant.blockRows), ceilDiv(cols, m_quant.blockCols)}, true);
    } else if (view.dtype == DType::I8 || view.dtype == DType::U8 || view.dtype == DType::F4E2M1) {
        if (cols % 32 != 0) {
            m_report.add(spec.name + ": is packed FP4, which needs a multiple of 32 inputs, config.json gives " +
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
        m_report.add(spec.name + ": is missing");
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

void Comparison::checkUnexpected(const std::function<bool(std::string_view)>& isKnownExtra) {
    for (std::size_t i = 0; i < m_seen.size(); ++i) {
        if (m_seen[i])
            continue;
        const std::string name(m_checkpoint.tensor(i).name);
        if (isKnownExtra(name))
            m_report.ignored.push_back(name);
        else
            m_report.add(name + ": is not a tensor of this model");
    }
}

} // namespace

std::uint64_t TensorSpec::elementCount() const {
    std::uint64_t count = 1;
    for (const auto dim : shape)
        count *= static_cast<std::uint64_t>(dim);
    return count;
}

void SpecReport::add(std::string problem) {
    if (problems.size() < kMaxProblems)
        problems.push_back(std::move(problem));
    ++problemCount;
}

std::string scaleName(std::string_view weightName) {
    constexpr std::string_view kWeight = "weight";
    if (weightName.ends_with(kWeight))
        weightName.remove_suffix(kWeight.size());
    return std::string(weightName) + "scale";
}

SpecReport compareTensors(const checkpoint::Checkpoint& checkpoint,
                          const std::function<void(const TensorVisitor&)>& visit, const QuantConfig& quant,
                          const std::function<bool(std::string_view name)>& isKnownExtra) {
    Comparison comparison(checkpoint, quant);
    visit([&](const TensorSpec& spec) { comparison.expect(spec); });
    comparison.checkUnexpected(isKnownExtra);
    return comparison.take();
}

// A page of them is enough to see what is wrong.
Error differences(const std::string& checkpointName, const SpecReport& report) {
    constexpr std::size_t kShown = 20;
    std::string text = checkpointName + ": the tensors do not match config.json: ";
    for (std::size_t i = 0; i < report.problems.size() && i < kShown; ++i)
        text += (i ? "; " : "") + report.problems[i];
    if (report.problemCount > kShown)
        text += "; and " + std::to_string(report.problemCount - kShown) + " more";
    return Error(ErrorCode::BadFile, text, "`bathy verify` lists every difference");
}

ParameterCount countParameters(const std::function<void(const TensorVisitor&)>& visit, int chosen, int experts) {
    ParameterCount count;
    visit([&](const TensorSpec& spec) {
        if (spec.role == TensorRole::Table)
            return;
        const auto row = static_cast<std::size_t>(spec.component);
        count.totalBy[row] += spec.elementCount();
        if (spec.component == Component::Embedding)
            count.activeBy[row] += static_cast<std::uint64_t>(spec.shape.back());
        else if (spec.component != Component::RoutedExperts)
            count.activeBy[row] += spec.elementCount();
    });
    const auto routed = static_cast<std::size_t>(Component::RoutedExperts);
    if (experts > 0)
        count.activeBy[routed] =
            count.totalBy[routed] / static_cast<std::uint64_t>(experts) * static_cast<std::uint64_t>(chosen);
    for (std::size_t row = 0; row < count.totalBy.size(); ++row) {
        count.total += count.totalBy[row];
        count.active += count.activeBy[row];
    }
    return count;
}

} // namespace bathy::model
