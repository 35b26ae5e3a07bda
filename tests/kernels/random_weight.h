// Random matrices in every stored form, with the exact values they stand for.
#pragma once

#include "kernels/common/block_formats.h"
#include "kernels/common/number_formats.h"
#include "kernels/common/weight_view.h"
#include "tests/kernels/support.h"

namespace bathy::test {

struct WeightForm {
    DType dtype = DType::F32;
    DType scaleDtype = DType::F8E8M0;
    std::int64_t blockRows = 0;
    std::int64_t blockCols = 0;
    std::string name;

    // At least `wanted`, and whole blocks.
    std::int64_t cols(std::int64_t wanted) const {
        const std::int64_t elements = isBlockType(dtype) ? dtypeBlock(dtype).elements : 1;
        return (wanted + elements - 1) / elements * elements;
    }
};

inline std::vector<WeightForm> weightForms() {
    std::vector<WeightForm> forms{
        {DType::F32, DType::F8E8M0, 0, 0, "f32"},        {DType::BF16, DType::F8E8M0, 0, 0, "bf16"},
        {DType::F16, DType::F8E8M0, 0, 0, "f16"},        {DType::F8E4M3, DType::F8E8M0, 128, 128, "f8"},
        {DType::F8E4M3, DType::F32, 128, 128, "f8f32"},  {DType::F8E4M3, DType::F8E8M0, 32, 32, "f8b32"},
        {DType::F8E4M3, DType::F8E8M0, 48, 48, "f8b48"}, {DType::F4E2M1, DType::F8E8M0, 1, 32, "f4"}};
    for (int i = 0; i < kDTypeCount; ++i)
        if (const auto dtype = static_cast<DType>(i); isBlockType(dtype))
            forms.push_back({dtype, DType::F8E8M0, 0, 0, std::string(dtypeName(dtype))});
    return forms;
}

// Where the half-float scales of a block stand.
inline std::vector<std::int64_t> halfScalesOf(DType dtype) {
    switch (dtype) {
    case DType::Q2_K:
        return {80, 82};
    case DType::Q3_K:
        return {108};
    case DType::Q6_K:
        return {208};
    case DType::Q4_1:
    case DType::Q5_1:
    case DType::Q4_K:
    case DType::Q5_K:
        return {0, 2};
    case DType::MXFP4:
    case DType::NVFP4:
        return {};
    default:
        return {0};
    }
}

// Random bits with scales of ordinary size.
inline void fillBlock(DType dtype, Random& random, std::byte* block) {
    for (int i = 0; i < dtypeBlock(dtype).bytes; ++i)
        block[i] = static_cast<std::byte>(random.integer(0, 255));
    for (const auto at : halfScalesOf(dtype)) {
        const auto bits = static_cast<std::uint16_t>(random.integer(0x1c00, 0x23ff) | random.integer(0, 1) << 15);
        std::memcpy(block + at, &bits, 2);
    }
    if (dtype == DType::MXFP4)
        block[0] = static_cast<std::byte>(random.integer(117, 123));
}

class RandomWeight {
public:
    RandomWeight(const WeightForm& form, std::int64_t rows, std::int64_t cols, std::uint64_t stream) {
        Random random(stream);
        m_view.dtype = form.dtype;
        m_view.rows = rows;
        m_view.cols = cols;
        m_view.rowBytes = static_cast<std::int64_t>(dtypeBytes(form.dtype, static_cast<std::uint64_t>(cols)));
        m_view.blockRows = form.blockRows ? form.blockRows : 1;
        m_view.blockCols = form.blockCols ? form.blockCols : cols;
        // One byte off, because files promise no alignment.
        m_data.resize(static_cast<std::size_t>(rows * m_view.rowBytes) + 1);
        fillScales(form, random);
        m_view.data = m_data.data() + 1;
        if (isBlockType(form.dtype)) {
            fillBlocks(random);
            return;
        }
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t c = 0; c < cols; ++c)
                values.push_back(putOne(form, random, r, c));
    }
    RandomWeight(const RandomWeight&) = delete;
    RandomWeight& operator=(const RandomWeight&) = delete;

    const kernels::WeightView& view() const { return m_view; }
    std::byte* bytes() { return m_data.data() + 1; }
    std::vector<float> values; // [rows, cols]

private:
    void fillBlocks(Random& random) {
        const auto block = dtypeBlock(m_view.dtype);
        for (std::int64_t at = 0; at < m_view.rows * m_view.rowBytes; at += block.bytes)
            fillBlock(m_view.dtype, random, bytes() + at);
        values.resize(static_cast<std::size_t>(m_view.rows * m_view.cols));
        for (std::int64_t r = 0; r < m_view.rows; ++r)
            kernels::decodeBlocks(m_view.dtype, bytes() + r * m_view.rowBytes, 0, m_view.cols,
                                  values.data() + r * m_view.cols);
    }

    void fillScales(const WeightForm& form, Random& random) {
        if (form.blockCols == 0)
            return;
        const auto count = (m_view.rows + m_view.blockRows - 1) / m_view.blockRows * m_view.scaleCols();
        m_view.scaleDtype = form.scaleDtype;
        m_scale.resize(static_cast<std::size_t>(count * (form.scaleDtype == DType::F32 ? 4 : 1)) + 1);
        for (std::int64_t i = 0; i < count; ++i) {
            auto* at = m_scale.data() + 1 + (form.scaleDtype == DType::F32 ? 4 * i : i);
            const auto byte = static_cast<std::uint8_t>(random.integer(117, 123));
            const float odd = 0.001f + 0.01f * std::fabs(random.normal());
            if (form.scaleDtype == DType::F32)
                std::memcpy(at, &odd, 4);
            else
                std::memcpy(at, &byte, 1);
            m_scales.push_back(form.scaleDtype == DType::F32 ? odd : kernels::e8m0ToFloat(byte));
        }
        m_view.scale = m_scale.data() + 1;
    }

    float putOne(const WeightForm& form, Random& random, std::int64_t r, std::int64_t c) {
        auto* row = m_data.data() + 1 + r * m_view.rowBytes;
        const float wanted = random.normal(0.05f);
        const auto scale =
            m_scales.empty()
                ? 1.0f
                : m_scales[static_cast<std::size_t>(r / m_view.blockRows * m_view.scaleCols() + c / m_view.blockCols)];
        std::uint16_t half = 0;
        switch (form.dtype) {
        case DType::F32:
            std::memcpy(row + 4 * c, &wanted, 4);
            return wanted;
        case DType::BF16:
            half = kernels::floatToBf16(wanted);
            std::memcpy(row + 2 * c, &half, 2);
            return kernels::bf16ToFloat(half);
        case DType::F16: // random bits below 2: every mantissa, subnormals too
            half = static_cast<std::uint16_t>(random.integer(0, 0x3fff) | (random.integer(0, 1) << 15));
            std::memcpy(row + 2 * c, &half, 2);
            return kernels::f16ToFloat(half);
        case DType::F8E4M3: {
            auto code = static_cast<std::uint8_t>(random.integer(0, 255));
            if ((code & 0x7f) == 0x7f)
                code = 0x7e;
            row[c] = static_cast<std::byte>(code);
            return kernels::e4m3ToFloat(code) * scale;
        }
        default: {
            const auto code = static_cast<std::uint8_t>(random.integer(0, 15));
            auto& byte = row[c / 2];
            byte = c % 2 == 0 ? static_cast<std::byte>(code) : byte | static_cast<std::byte>(code << 4);
            return kernels::e2m1ToFloat(code) * scale;
        }
        }
    }

    kernels::WeightView m_view;
    std::vector<std::byte> m_data;
    std::vector<std::byte> m_scale;
    std::vector<float> m_scales;
};

} // namespace bathy::test
