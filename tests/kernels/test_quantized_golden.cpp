// The same bits as ggml: products of blocks with rounded activations (tests/golden/make_dot_vectors.py).
#include "engine/base/text_file.h"
#include "tests/kernels/quantized_support.h"

#include <algorithm>
#include <filesystem>

namespace bathy::kernels {
namespace {

const std::filesystem::path kVectors = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "golden" / "quant";

struct Vector {
    std::int32_t head[3]; // columns, rows, bytes of a row
    std::vector<float> x;
    std::vector<std::int8_t> q;
    std::vector<std::byte> rows;
    std::vector<float> y;
};

Vector read(const std::string& name) {
    const auto file = readTextFile(kVectors / ("dot_" + name + ".bin"), 1 << 20).value();
    const char* at = file.data();
    const auto take = [&](void* to, std::size_t bytes) {
        std::memcpy(to, at, bytes);
        at += bytes;
    };
    Vector v;
    take(v.head, sizeof v.head);
    const auto columns = static_cast<std::size_t>(v.head[0]);
    const auto rows = static_cast<std::size_t>(v.head[1]);
    v.x.resize(columns);
    v.q.resize(columns);
    v.rows.resize(rows * static_cast<std::size_t>(v.head[2]));
    v.y.resize(rows);
    take(v.x.data(), 4 * columns);
    take(v.q.data(), columns);
    take(v.rows.data(), v.rows.size());
    take(v.y.data(), 4 * rows);
    EXPECT_EQ(at, file.data() + file.size());
    return v;
}

TEST(QuantizedLinear, everyBlockType_sameBitsAsGgmlForOneToken) {
    for (int i = 0; i < kDTypeCount; ++i) {
        const auto dtype = static_cast<DType>(i);
        if (!isBlockType(dtype))
            continue;
        std::string name(dtypeName(dtype));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c == 'K' ? c : static_cast<char>(std::tolower(c)); });
        SCOPED_TRACE(name);
        const auto v = read(name);
        const auto groups = quantizedGroupsFor(dtype);
        WeightView weight;
        weight.dtype = dtype;
        weight.data = v.rows.data();
        weight.rows = v.head[1];
        weight.cols = v.head[0];
        weight.rowBytes = v.head[2];
        std::vector<std::byte> bytes(static_cast<std::size_t>(quantizedRowBytes(groups, weight.cols)));
        for (const auto& quantizer : test::quantizerVariants()) {
            quantizer.run(groups, v.x.data(), weight.cols, bytes.data());
            const auto* q = reinterpret_cast<const std::int8_t*>(bytes.data());
            EXPECT_TRUE(std::equal(v.q.begin(), v.q.end(), q)) << quantizer.name;
        }
        for (const auto& variant : test::productVariants()) {
            std::vector<float> y(v.y.size());
            QuantizedLinearJob job;
            job.weight = &weight;
            job.x = bytes.data();
            job.xStride = static_cast<std::int64_t>(bytes.size());
            job.y = y.data();
            job.yStride = weight.rows;
            job.tokens = 1;
            job.rowEnd = weight.rows;
            variant.run(job);
            EXPECT_TRUE(test::sameBits(y, v.y)) << variant.name << ": " << y[0] << " and not " << v.y[0];
        }
    }
}

} // namespace
} // namespace bathy::kernels
