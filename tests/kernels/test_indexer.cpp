#include "kernels/indexer/indexer.h"
#include "tests/kernels/variants.h"

#include <algorithm>
#include <numeric>

namespace bathy::kernels {
namespace {

using test::Guarded;
using test::Random;

struct Keys {
    std::vector<std::byte> bytes;
    IndexKeys view;
};

Keys randomKeys(IndexKeyFormat format, std::int64_t dim, std::int64_t count) {
    Keys keys;
    keys.view = {format, dim, nullptr, indexKeyBytes(format, dim), count};
    keys.bytes.resize(static_cast<std::size_t>(count * keys.view.rowBytes));
    Random random(1);
    for (std::int64_t s = 0; s < count; ++s)
        packIndexKey(format, dim, random.normals(dim).data(), keys.bytes.data() + s * keys.view.rowBytes);
    keys.view.rows = keys.bytes.data();
    return keys;
}

template <class Kernel>
std::vector<float> run(Kernel* kernel, const IndexKeys& keys, std::int64_t heads, const std::vector<float>& q,
                       const std::vector<float>& weights, std::int64_t begin, std::int64_t end) {
    Guarded<float> scores(end - begin);
    std::vector<float> scratch(static_cast<std::size_t>(indexScratchFloats(heads, keys.dim)), std::nanf(""));
    kernel({&keys, heads, q.data(), weights.data(), begin, end, scores.data(), scratch.data()});
    EXPECT_TRUE(scores.isIntact());
    return scores.copy();
}

TEST(IndexScores, everyVariant_everyFormat_agreesWithReference_andNotOnItsNeighbours) {
    SCOPED_TRACE(test::seedNote());
    for (const auto format : {IndexKeyFormat::F32, IndexKeyFormat::Bf16, IndexKeyFormat::Fp8, IndexKeyFormat::Fp4})
        for (const auto& [heads, dim, count] : {std::array<std::int64_t, 3>{1, 2, 1},
                                                {8, 32, 9},
                                                {5, 20, 50},
                                                {32, 32, 100},
                                                {64, 128, 131},
                                                {100, 64, 7}}) {
            const auto keys = randomKeys(format, dim, count);
            const auto q = Random(2).normals(heads * dim);
            const auto weights = Random(3).normals(heads, 0.1f);
            const auto expected = run(indexScoresReference, keys.view, heads, q, weights, 0, count);
            for (const auto& variant : BATHY_TEST_VARIANTS(indexScores)) {
                const auto scores = run(variant.run, keys.view, heads, q, weights, 0, count);
                for (std::size_t s = 0; s < scores.size(); ++s)
                    ASSERT_NEAR(scores[s], expected[s], 1e-5 * static_cast<double>(heads))
                        << variant.name << " heads " << heads << " dim " << dim;
                for (std::int64_t s = 0; s < count; ++s)
                    ASSERT_EQ(run(variant.run, keys.view, heads, q, weights, s, s + 1)[0],
                              scores[static_cast<std::size_t>(s)])
                        << variant.name << " key " << s;
            }
        }
}

std::vector<std::int32_t> sortedSelection(const std::vector<float>& scores, std::int64_t k) {
    std::vector<std::int32_t> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    order.resize(static_cast<std::size_t>(std::min<std::int64_t>(k, static_cast<std::int64_t>(order.size()))));
    std::sort(order.begin(), order.end());
    return order;
}

std::vector<std::int32_t> select(const std::vector<float>& scores, std::int64_t k) {
    Guarded<std::int32_t> picks(std::max<std::int64_t>(k, 0));
    const auto count = selectLargest(scores.data(), static_cast<std::int64_t>(scores.size()), k, picks.data());
    EXPECT_TRUE(picks.isIntact());
    auto result = picks.copy();
    result.resize(static_cast<std::size_t>(count));
    return result;
}

TEST(SelectLargest, randomScores_equalsAStableSort) {
    SCOPED_TRACE(test::seedNote());
    Random random(4);
    for (const std::int64_t count : {1, 2, 17, 600, 5000})
        for (const std::int64_t k : {1, 2, 16, 512, 4999, 6000}) {
            auto scores = random.normals(count);
            EXPECT_EQ(select(scores, k), sortedSelection(scores, k));
            for (auto& score : scores) // many ties, some negative
                score = static_cast<float>(random.integer(-2, 2));
            EXPECT_EQ(select(scores, k), sortedSelection(scores, k));
        }
}

TEST(SelectLargest, ties_goToTheLowerIndex) {
    EXPECT_EQ(select({0, 1, 0, 1, 0, 1}, 2), (std::vector<std::int32_t>{1, 3}));
    EXPECT_EQ(select({5, 5, 5, 5}, 3), (std::vector<std::int32_t>{0, 1, 2}));
    EXPECT_EQ(select({0.0f, -0.0f, 0.0f, 1.0f}, 3), (std::vector<std::int32_t>{0, 1, 3}));
}

TEST(SelectLargest, nanAndInfinity_areOrdered) {
    const float inf = std::numeric_limits<float>::infinity();
    EXPECT_EQ(select({std::nanf(""), 1, -inf, inf, -5}, 3), (std::vector<std::int32_t>{1, 3, 4}));
    EXPECT_EQ(select({std::nanf(""), std::nanf("")}, 1), (std::vector<std::int32_t>{0}));
    EXPECT_TRUE(select({1, 2}, 0).empty());
    EXPECT_TRUE(select({}, 3).empty());
}

} // namespace
} // namespace bathy::kernels
