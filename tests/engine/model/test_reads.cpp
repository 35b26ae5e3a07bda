// Bytes that a pass reads, worked out by hand from three small configurations and compared with what the loaded models
// say they touched.
#include "engine/model/reads.h"
#include "tests/engine/model/model_fixture.h"
#include "tests/support/rule_model.h"

namespace bathy::model::test {
namespace {

using bathy::test::GoldenCase;
using bathy::test::readGoldenCase;

constexpr std::uint64_t kFloat = 4; // bytes; the small checkpoints are stored in F32

class Reads : public testing::Test {
protected:
    void loadV4() {
        golden = readGoldenCase("v4_tiny/t6");
        loaded.emplace(golden.configJson, golden.rule);
        open();
    }
    void loadFamily(const char* name) {
        golden = readGoldenCase(std::string("families/") + name);
        loaded.emplace(
            [&](const auto& folder) { bathy::test::writeFamilyModel(folder, golden.configJson, golden.rule); });
        open();
    }
    std::uint64_t kv(std::int64_t first, std::int64_t tokens) const {
        return kvBytesRead(*opened, opened->describe(), KvFormat::BF16, {first, tokens});
    }
    // After one token through the whole model.
    std::uint64_t touchedByOneToken() {
        loaded->feed(*loaded->newState(), std::span(golden.tokens).first(1));
        return loaded->model().weightBytesTouched();
    }

    GoldenCase golden;
    std::optional<LoadedCase> loaded;
    std::shared_ptr<const OpenedModel> opened;

private:
    void open() {
        auto result = openModel(loaded->folder());
        ASSERT_TRUE(result) << result.error().what();
        opened = *result;
    }
};

// d 64, H 4, D 32, query rank 32, G 2 of rank 16, 8 index heads of 32, 8 experts of 48, 2 a token, 4 streams, vocab 96;
// layers: window, CSA 4, HCA 8, CSA 4, HCA 8, window; the first three routed by table.
constexpr std::uint64_t kExpert = 3 * 48 * 64;
constexpr std::uint64_t kTableRow = 2 * 8; // two I64

TEST_F(Reads, V4_weights_by_hand) {
    loadV4();
    const std::uint64_t attention = 32 * 64 + 32 + 128 * 32 + 32 * 64 + 32 + 4 + 32 * 64 + 64 * 32;
    const std::uint64_t hyper = 2 * (24 * 256 + 24 + 3);
    const std::uint64_t layer = attention + hyper + 2 * 64 + 8 * 64 + kExpert; // with norms, router, shared expert
    const std::uint64_t sparse = 2 * 64 * 64 + 4 * 64 + 32;                    // compressor of 32 wide, two parts
    const std::uint64_t indexer = 256 * 32 + 8 * 64 + sparse;
    const std::uint64_t heavy = 2 * 32 * 64 + 8 * 32 + 32;
    const auto reads = weightReads(*opened);
    EXPECT_EQ(reads.everyPass, kFloat * (6 * layer + 2 * (sparse + indexer) + 2 * heavy + 3 * 8)); // 3 router biases
    EXPECT_EQ(reads.logits, kFloat * (64 + 4 * 256 + 4 + 1 + 96 * 64));
    EXPECT_EQ(reads.everyToken, kFloat * 64 + 3 * kTableRow);
    EXPECT_EQ(reads.expert, std::vector<std::uint64_t>(6, kFloat * kExpert));
}

TEST_F(Reads, V4_weights_are_those_the_model_touches) {
    loadV4();
    const auto reads = weightReads(*opened);
    const auto wholeTables = 3 * 95 * kTableRow; // the model counts tables whole
    EXPECT_EQ(touchedByOneToken(),
              reads.everyPass + reads.logits + reads.everyToken + 6 * 2 * reads.expert[0] + wholeTables);
}

// BF16 rows of 64 bytes, index keys too; a window of 8, the indexer takes 4 entries.
TEST_F(Reads, V4_rows_by_hand) {
    loadV4();
    EXPECT_EQ(kv(0, 1), 64u * 6 * 1);                                      // itself
    EXPECT_EQ(kv(3, 1), 64u * (6 * 4 + 2 * 1));                            // a first entry of four tokens
    EXPECT_EQ(kv(10, 1), 64u * (6 * 8 + 2 * 2 + 2 * 1));                   // so few entries that nobody chooses
    EXPECT_EQ(kv(40, 1), 64u * (6 * 8 + 2 * 4 + 2 * 10 + 2 * 5));          // 4 of 10, all 10 keys, 5 heavy ones
    EXPECT_EQ(kv(0, 16), 64u * (6 * 16 + 2 * 4 + 2 * 2));                  // each row once
    EXPECT_EQ(kv(40, 24), 64u * (6 * (7 + 24) + 2 * 16 + 2 * 16 + 2 * 8)); // together they may take every entry
}

TEST_F(Reads, Tied_embedding_is_the_output_matrix) {
    loadFamily("qwen2_tied"); // d 96, 8 heads of 12 for keys, too, width 80, 4 layers, vocab 97
    const auto reads = weightReads(*opened);
    const std::uint64_t layer = 4 * 96 * 96 + 3 * 96 + 2 * 96 + 3 * 80 * 96;
    EXPECT_EQ(reads.everyPass, kFloat * 4 * layer);
    EXPECT_EQ(reads.logits, kFloat * (96 + 97 * 96));
    EXPECT_EQ(reads.everyToken, kFloat * 96);
    EXPECT_EQ(reads.expert, std::vector<std::uint64_t>(4, 0));
    EXPECT_EQ(touchedByOneToken(), reads.everyPass + reads.logits);
    EXPECT_EQ(kv(9, 1), 10u * 4 * 2 * 96 * 2); // keys and values of ten tokens
    EXPECT_EQ(kv(0, 10), kv(9, 1));
}

TEST_F(Reads, V32_indexer_spares_rows_and_reads_keys) {
    loadFamily("v32_sparse"); // latents of 48 channels, 3 layers, FP8 keys of 36 bytes, 24 rows picked
    EXPECT_EQ(kv(9, 1), 10u * 3 * 96);
    EXPECT_EQ(kv(99, 1), 24u * 3 * 96 + 100 * 3 * 36);
    const auto reads = weightReads(*opened);
    EXPECT_EQ(reads.expert[0], 0u); // a dense layer
    EXPECT_EQ(reads.expert[1], kFloat * 3 * 24 * 64);
    EXPECT_EQ(touchedByOneToken(),
              reads.everyPass + reads.logits + reads.everyToken + 4 * (reads.expert[1] + reads.expert[2]));
}

} // namespace
} // namespace bathy::model::test
