#include "engine/ops/attention.h"
#include "engine/ops/indexer.h"
#include "tests/engine/ops/ops_fixture.h"

#include <numeric>

namespace bathy::ops {
namespace {

using kernels::KvRowFormat;
using test::OpsFixture;
using test::Random;

struct Tokens {
    Tokens(std::int64_t count, std::int64_t heads, std::int64_t dim)
        : q(Random(1).normals(count * heads * dim)), out(q.size(), std::nanf("")),
          data(Random(2).normals(64 * dim)), store{{KvRowFormat::F32, dim, 0},
                                                   reinterpret_cast<const std::byte*>(data.data()),
                                                   4 * dim},
          picks(static_cast<std::size_t>(count)), mass(static_cast<std::size_t>(count * 64), std::nanf("")) {
        for (std::int64_t t = 0; t < count; ++t) {
            const auto i = static_cast<std::size_t>(t);
            picks[i] = {&store, nullptr, t % 5, 1 + t * 3 % 59};
            list.push_back({q.data() + t * heads * dim, out.data() + t * heads * dim, {&picks[i], 1}, nullptr});
        }
    }
    std::vector<float> q;
    std::vector<float> out;
    std::vector<float> data;
    KvRows store;
    std::vector<KvPick> picks;
    std::vector<float> mass;
    std::vector<AttentionToken> list;
};

TEST(AttentionOp, tokenAlone_inABatch_andWithMass_sameBits) {
    constexpr std::int64_t kHeads = 6;
    constexpr std::int64_t kDim = 256;
    const auto sink = Random(3).normals(kHeads);
    const AttentionShape shape{kHeads, kDim, 1.0f / 16, sink.data()};
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        OpsFixture one(level, 1);
        OpsFixture three(level, 3);
        Tokens batch(20, kHeads, kDim);
        attention(three.context, shape, batch.list);
        Tokens alone(20, kHeads, kDim);
        for (const auto& token : alone.list)
            attention(one.context, shape, {&token, 1});
        EXPECT_TRUE(test::sameBits(batch.out, alone.out));
        for (const int threads : {1, 3}) {
            OpsFixture& fixture = threads == 1 ? one : three;
            Tokens probed(20, kHeads, kDim);
            for (std::size_t t = 0; t < 20; ++t)
                probed.list[t].mass = probed.mass.data() + t * 64;
            attention(fixture.context, shape, probed.list);
            EXPECT_TRUE(test::sameBits(probed.out, batch.out));
            Tokens single(20, kHeads, kDim);
            single.list[7].mass = single.mass.data();
            attention(three.context, shape, {&single.list[7], 1});
            const auto rows = static_cast<std::size_t>(single.picks[7].count);
            double total = 0;
            for (std::size_t j = 0; j < rows; ++j) {
                EXPECT_NEAR(single.mass[j], probed.mass[7 * 64 + j], 1e-7);
                total += single.mass[j];
            }
            EXPECT_LT(total, 1.0); // the rest is the sink's
            EXPECT_GT(total, 0.1);
        }
    }
}

struct IndexCase {
    IndexCase()
        : keyData(Random(4).normals(kKeys * kDim)), q(Random(5).normals(kTokens * kHeads * kDim)),
          weights(Random(6).normals(kTokens * kHeads)) {
        keys = {kernels::IndexKeyFormat::F32, kDim, reinterpret_cast<const std::byte*>(keyData.data()), 4 * kDim,
                kKeys};
        for (std::int64_t t = 0; t < kTokens; ++t)
            visible.push_back(t * kKeys / (kTokens - 1));
        queries = {kTokens, kHeads, q.data(), weights.data(), visible.data()};
    }
    static constexpr std::int64_t kTokens = 11;
    static constexpr std::int64_t kHeads = 32;
    static constexpr std::int64_t kDim = 32;
    static constexpr std::int64_t kKeys = 300;
    std::vector<float> keyData;
    std::vector<float> q;
    std::vector<float> weights;
    std::vector<std::int64_t> visible;
    IndexKeys keys;
    IndexQueries queries;
};

TEST(IndexerOp, select_isTheBestOfTheVisible_aloneOrInABatch) {
    for (const auto level : test::levels()) {
        SCOPED_TRACE(test::traceOf(level));
        const IndexCase given;
        OpsFixture fixture(level, 2);
        constexpr std::int64_t kTop = 20;
        std::vector<float> scores(IndexCase::kTokens * IndexCase::kKeys);
        indexScores(fixture.context, given.keys, given.queries, scores.data());
        std::vector<std::int32_t> picks(IndexCase::kTokens * kTop, -1);
        std::vector<std::int32_t> counts(IndexCase::kTokens, -1);
        indexSelect(fixture.context, given.keys, given.queries, kTop, picks.data(), counts.data());
        for (std::int64_t t = 0; t < IndexCase::kTokens; ++t) {
            const auto visible = given.visible[static_cast<std::size_t>(t)];
            const auto* row = scores.data() + t * IndexCase::kKeys;
            ASSERT_EQ(counts[static_cast<std::size_t>(t)], std::min(kTop, visible));
            for (auto s = visible; s < IndexCase::kKeys; ++s)
                ASSERT_TRUE(std::isinf(row[s]) && row[s] < 0);
            std::vector<std::int32_t> expected(static_cast<std::size_t>(kTop));
            expected.resize(
                static_cast<std::size_t>(selectTopK({row, static_cast<std::size_t>(visible)}, kTop, expected.data())));
            const auto* chosen = picks.data() + t * kTop;
            EXPECT_EQ(std::vector<std::int32_t>(chosen, chosen + expected.size()), expected);

            auto alone = given.queries;
            alone.tokens = 1;
            alone.q += t * IndexCase::kHeads * IndexCase::kDim;
            alone.weights += t * IndexCase::kHeads;
            alone.visible += t;
            std::vector<std::int32_t> single(static_cast<std::size_t>(kTop), -1);
            std::int32_t count = -1;
            indexSelect(fixture.context, given.keys, alone, kTop, single.data(), &count);
            EXPECT_EQ(count, counts[static_cast<std::size_t>(t)]);
            EXPECT_EQ(std::vector<std::int32_t>(single.begin(), single.begin() + count), expected);
        }
    }
}

} // namespace
} // namespace bathy::ops
