// The same models out of GGUF files: permuted rows and stored divisors of Llama, split up-projections of latent
// attention, fused experts.
#include "engine/model/gguf/convert.h"
#include "engine/model/opened_model.h"
#include "tests/engine/model/model_fixture.h"
#include "tests/support/rule_model.h"

namespace bathy::model::test {
namespace {

class FamilyGguf : public testing::TestWithParam<const char*> {};

void writeGguf(const std::filesystem::path& file, const bathy::test::GoldenCase& golden) {
    bathy::test::TemporaryFolder folder;
    bathy::test::writeFamilyModel(folder.path(), golden.configJson, golden.rule);
    const auto opened = openModel(folder.path());
    if (!opened)
        throw std::runtime_error(opened.error().what());
    ThreadPool pool(2);
    gguf::ConvertOptions options;
    options.pool = &pool;
    const auto report = gguf::toGguf((*opened)->files(), {}, file, options);
    if (!report)
        throw std::runtime_error(report.error().what());
}

TEST_P(FamilyGguf, Every_logit_is_that_of_the_published_form) {
    const auto golden = bathy::test::readGoldenCase(std::string("families/") + GetParam());
    bathy::test::TemporaryFolder folder;
    writeGguf(folder.path() / "model.gguf", golden);
    ThreadPool pool(2);
    LoadOptions options;
    options.pool = &pool;
    const auto loaded = loadModel(folder.path() / "model.gguf", options);
    ASSERT_TRUE(loaded) << loaded.error().what();
    StateOptions stateOptions;
    stateOptions.precision = Precision::Exact;
    const auto state = loaded->model->createState(stateOptions);
    ASSERT_TRUE(state) << state.error().what();
    Logits logits(golden.logits.values.size());
    ForwardOptions forward;
    forward.logitsAt = LogitsAt::All;
    forward.logits = logits;
    const auto done = loaded->model->forward(**state, golden.tokens, forward);
    ASSERT_TRUE(done) << done.error().what();
    EXPECT_LE(largestDifference(logits, golden.logits), 1e-3);
    EXPECT_EQ(argmaxOf(logits.data(), golden.logits.rows, golden.logits.cols),
              argmaxOf(golden.logits.values.data(), golden.logits.rows, golden.logits.cols));
}

INSTANTIATE_TEST_SUITE_P(, FamilyGguf,
                         testing::Values("qwen2_math", "qwen2_tied", "qwen3_yarn", "llama_3", "llama_plain", "v2_lite",
                                         "v2_groups", "v3_shaped", "v32_sparse"),
                         [](const auto& test) { return std::string(test.param); });

} // namespace
} // namespace bathy::model::test
