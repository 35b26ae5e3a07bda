// Variants of the quantised product that run on this processor, and rows of rounded activations.
#pragma once

#include "kernels/quantized_linear/quantized_linear.h"
#include "tests/kernels/variants.h"

namespace bathy::test {

using QuantizedLinear = void (*)(const kernels::QuantizedLinearJob&);
using QuantizeActivations = void (*)(kernels::QuantizedGroups, const float*, std::int64_t, std::byte*);

struct NamedProduct {
    const char* name;
    QuantizedLinear run;
};
inline std::vector<NamedProduct> productVariants() {
    std::vector<NamedProduct> result{{"reference", kernels::quantizedLinearReference}};
#ifdef BATHY_X86_KERNELS
    const auto features = device::detectCpuFeatures();
    if (features.bestLevel() >= device::CpuLevel::Avx2)
        result.push_back({"avx2", kernels::quantizedLinearAvx2});
    if (features.bestLevel() >= device::CpuLevel::Avx512 && features.avx512vnni)
        result.push_back({"avx512", kernels::quantizedLinearAvx512});
#endif
    return result;
}

struct NamedQuantizer {
    const char* name;
    QuantizeActivations run;
};
inline std::vector<NamedQuantizer> quantizerVariants() {
    std::vector<NamedQuantizer> result{{"reference", kernels::quantizeActivationsReference}};
#ifdef BATHY_X86_KERNELS
    if (device::detectCpuFeatures().bestLevel() >= device::CpuLevel::Avx2)
        result.push_back({"avx2", kernels::quantizeActivationsAvx2});
#endif
    return result;
}

// `rows` rows of x, rounded for weights of type `weight`.
class RoundedRows {
public:
    RoundedRows(DType weight, const float* x, std::int64_t rows, std::int64_t cols)
        : m_groups(kernels::quantizedGroupsFor(weight)), m_cols(cols),
          m_rowBytes(kernels::quantizedRowBytes(m_groups, cols)), m_bytes(static_cast<std::size_t>(rows * m_rowBytes)) {
        for (std::int64_t r = 0; r < rows; ++r)
            kernels::quantizeActivationsReference(m_groups, x + r * cols, cols, m_bytes.data() + r * m_rowBytes);
    }
    const std::byte* data() const { return m_bytes.data(); }
    std::int64_t rowBytes() const { return m_rowBytes; }
    kernels::QuantizedRow row(std::int64_t r) { return {m_groups, m_cols, m_bytes.data() + r * m_rowBytes}; }

private:
    kernels::QuantizedGroups m_groups;
    std::int64_t m_cols;
    std::int64_t m_rowBytes;
    std::vector<std::byte> m_bytes;
};

} // namespace bathy::test
