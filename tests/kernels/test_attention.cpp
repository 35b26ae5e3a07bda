#include "kernels/attention/attention.h"
#include "tests/kernels/variants.h"

#include <numeric>

namespace bathy::kernels {
namespace {

using test::Guarded;
using test::Random;

// A store of random rows in one format.
class Store {
public:
    Store(const KvRowLayout& layout, std::int64_t rows, std::uint64_t stream) : m_bytes(), m_rows{layout, nullptr, 0} {
        m_rows.rowBytes = kvRowBytes(layout) + 3; // rows may be spaced and unaligned
        m_bytes.resize(static_cast<std::size_t>(rows * m_rows.rowBytes));
        Random random(stream);
        for (std::int64_t r = 0; r < rows; ++r) {
            const auto values = random.normals(layout.dim);
            packKvRow(layout, values.data(), m_bytes.data() + r * m_rows.rowBytes);
        }
        m_rows.rows = m_bytes.data();
    }
    const KvRows* rows() const { return &m_rows; }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

private:
    std::vector<std::byte> m_bytes;
    KvRows m_rows;
};

struct Output {
    std::vector<float> out;
    std::vector<float> probabilities;
};

template <class Kernel>
Output run(Kernel* kernel, AttentionJob job) {
    job.rows = 0;
    for (std::int64_t i = 0; i < job.pickCount; ++i)
        job.rows += job.picks[i].count;
    if (job.rowDim == 0) // the key is the value
        job.valueDim = job.rowDim = job.dim;
    Guarded<float> out(job.heads * job.valueDim);
    Guarded<float> probabilities(job.heads * job.rows);
    std::vector<float> scratch(static_cast<std::size_t>(attentionScratchFloats(job.rowDim)), std::nanf(""));
    job.out = out.data();
    job.probabilities = probabilities.data();
    job.scratch = scratch.data();
    kernel(job);
    EXPECT_TRUE(out.isIntact());
    EXPECT_TRUE(probabilities.isIntact());
    return {out.copy(), probabilities.copy()};
}

struct Shape {
    std::int64_t heads, dim, rope, window, compressed;
};
constexpr Shape kShapes[] = {{1, 2, 2, 1, 0},      {3, 32, 16, 8, 5},      {4, 64, 16, 31, 33},
                             {7, 80, 16, 128, 17}, {64, 512, 64, 128, 70}, {2, 130, 2, 5, 200}};

TEST(Attention, everyVariant_everyFormat_agreesWithDirectSums) {
    SCOPED_TRACE(test::seedNote());
    for (const auto format : {KvRowFormat::F32, KvRowFormat::Bf16, KvRowFormat::Packed})
        for (const auto& shape : kShapes) {
            const KvRowLayout layout{format, shape.dim, shape.rope};
            const Store window(layout, shape.window + 4, 1);
            const Store compressed(layout, 2 * shape.compressed + 1, 2);
            std::vector<std::int32_t> index(static_cast<std::size_t>(shape.compressed));
            for (std::size_t i = 0; i < index.size(); ++i)
                index[i] = static_cast<std::int32_t>(2 * i + 1);
            const KvPick picks[] = {{window.rows(), nullptr, 3, shape.window},
                                    {compressed.rows(), index.data(), 0, shape.compressed}};
            const auto q = Random(3).normals(shape.heads * shape.dim);
            const auto sink = Random(4).normals(shape.heads, 2.0f);
            AttentionJob job;
            job.heads = shape.heads;
            job.dim = shape.dim;
            job.scale = 1.0f / std::sqrt(static_cast<float>(shape.dim));
            job.q = q.data();
            job.sink = sink.data();
            job.picks = picks;
            job.pickCount = 2;
            const auto expected = run(attentionReference, job);
            for (const auto& variant : BATHY_TEST_VARIANTS(attention)) {
                const auto result = run(variant.run, job);
                for (std::size_t i = 0; i < result.out.size(); ++i)
                    ASSERT_NEAR(result.out[i], expected.out[i], 2e-5) << variant.name << " dim " << shape.dim;
                for (std::size_t i = 0; i < result.probabilities.size(); ++i)
                    ASSERT_NEAR(result.probabilities[i], expected.probabilities[i], 1e-5) << variant.name;
            }
        }
}

struct RowParts {
    std::int64_t dim, valueOffset, valueDim, rowDim;
};

TEST(Attention, valuesElsewhereInTheRow_agreeWithDirectSums) {
    SCOPED_TRACE(test::seedNote());
    constexpr std::int64_t kHeads = 5;
    constexpr std::int64_t kRows = 77;
    // Latent attention: the value is the first part of the key; grouped-query attention: it stands behind the key.
    for (const auto& parts : {RowParts{576, 0, 512, 576}, RowParts{40, 0, 24, 40}, RowParts{64, 64, 64, 128}})
        for (const auto format : {KvRowFormat::F32, KvRowFormat::Bf16}) {
            const Store store({format, parts.rowDim, 0}, kRows, 9);
            const KvPick pick{store.rows(), nullptr, 0, kRows};
            const auto q = Random(10).normals(kHeads * parts.dim);
            AttentionJob job;
            job.heads = kHeads;
            job.dim = parts.dim;
            job.valueOffset = parts.valueOffset;
            job.valueDim = parts.valueDim;
            job.rowDim = parts.rowDim;
            job.scale = 1.0f / std::sqrt(static_cast<float>(parts.dim));
            job.q = q.data();
            job.picks = &pick;
            job.pickCount = 1;
            const auto expected = run(attentionReference, job);
            ASSERT_EQ(std::ssize(expected.out), kHeads * parts.valueDim);
            for (const auto& variant : BATHY_TEST_VARIANTS(attention)) {
                const auto result = run(variant.run, job);
                for (std::size_t i = 0; i < result.out.size(); ++i)
                    ASSERT_NEAR(result.out[i], expected.out[i], 2e-5) << variant.name << " row " << parts.rowDim;
            }
        }
}

TEST(Attention, sinkTakesItsShare_alsoWhenItDwarfsEveryScore) {
    const KvRowLayout layout{KvRowFormat::F32, 4, 2};
    const Store store(layout, 6, 5);
    const KvPick pick{store.rows(), nullptr, 0, 6};
    const std::vector<float> q(8, 0.0f);
    const float sink[2] = {0.0f, 500.0f};
    AttentionJob job;
    job.heads = 2;
    job.dim = 4;
    job.scale = 0.5f;
    job.q = q.data();
    job.sink = sink;
    job.picks = &pick;
    job.pickCount = 1;
    for (const auto& variant : BATHY_TEST_VARIANTS(attention)) {
        const auto result = run(variant.run, job);
        for (std::size_t j = 0; j < 6; ++j) {
            EXPECT_NEAR(result.probabilities[j], 1.0 / 7, 1e-6) << variant.name;
            EXPECT_EQ(result.probabilities[6 + j], 0.0f) << variant.name;
        }
        EXPECT_EQ(result.out[4], 0.0f);
    }
}

TEST(Attention, headsSplitOverCalls_andPicksCutElsewhere_sameBits) {
    SCOPED_TRACE(test::seedNote());
    const KvRowLayout layout{KvRowFormat::Packed, 96, 32};
    const Store store(layout, 150, 6);
    const KvPick whole{store.rows(), nullptr, 0, 150};
    const KvPick parts[] = {
        {store.rows(), nullptr, 0, 7}, {store.rows(), nullptr, 7, 0}, {store.rows(), nullptr, 7, 143}};
    const auto q = Random(7).normals(9 * 96);
    const auto sink = Random(8).normals(9);
    AttentionJob job;
    job.heads = 9;
    job.dim = 96;
    job.scale = 0.1f;
    job.q = q.data();
    job.sink = sink.data();
    for (const auto& variant : BATHY_TEST_VARIANTS(attention)) {
        job.picks = &whole;
        job.pickCount = 1;
        const auto all = run(variant.run, job);
        job.picks = parts;
        job.pickCount = 3;
        EXPECT_TRUE(test::sameBits(run(variant.run, job).out, all.out)) << variant.name;
        for (const std::int64_t begin : {0, 2, 5}) {
            auto some = job;
            some.heads = 4;
            some.q = q.data() + begin * 96;
            some.sink = sink.data() + begin;
            const auto result = run(variant.run, some);
            const std::vector<float> expected(all.out.begin() + begin * 96, all.out.begin() + (begin + 4) * 96);
            EXPECT_TRUE(test::sameBits(result.out, expected)) << variant.name << " from head " << begin;
        }
    }
}

} // namespace
} // namespace bathy::kernels
