#include "engine/runtime/suggested_sampling.h"

#include "engine/checkpoint/safetensors_writer.h"
#include "tests/support/scratch_folder.h"

#include <gmock/gmock.h>

namespace bathy::runtime {
namespace {

class SuggestedSampling : public testing::Test {
protected:
    void SetUp() override {
        auto writer = checkpoint::SafetensorsWriter::create(m_folder.path() / "model.safetensors",
                                                            std::vector<checkpoint::TensorPlan>{{"a", DType::U8, {1}}});
        ASSERT_TRUE(writer);
        ASSERT_TRUE(writer->append(std::vector<std::byte>(1)));
        ASSERT_TRUE(writer->finish());
    }

    api::SamplingOptions read(const std::string& text) {
        m_folder.write("generation_config.json", text);
        return suggestedSampling(*checkpoint::Checkpoint::open(m_folder.path()), m_warnings);
    }

    test::ScratchFolder m_folder;
    std::vector<std::string> m_warnings;
};

TEST_F(SuggestedSampling, withoutFile_isTheGeneralDefault) {
    EXPECT_EQ(suggestedSampling(*checkpoint::Checkpoint::open(m_folder.path()), m_warnings), api::SamplingOptions());
    EXPECT_THAT(m_warnings, testing::IsEmpty());
}

TEST_F(SuggestedSampling, whatTheFileSays_isTaken) {
    const auto sampling = read(R"({"do_sample": true, "temperature": 0.6, "top_p": 0.95, "top_k": 40, "min_p": 0.1,
                                   "repetition_penalty": 1.05, "eos_token_id": 1})");
    EXPECT_FLOAT_EQ(sampling.temperature, 0.6F);
    EXPECT_FLOAT_EQ(sampling.topP, 0.95F);
    EXPECT_EQ(sampling.topK, 40);
    EXPECT_FLOAT_EQ(sampling.minP, 0.1F);
    EXPECT_FLOAT_EQ(sampling.repetitionPenalty, 1.05F);
    EXPECT_THAT(m_warnings, testing::IsEmpty());
}

TEST_F(SuggestedSampling, withoutSampling_isGreedy) {
    EXPECT_EQ(read(R"({"do_sample": false, "temperature": 0.6})").temperature, 0.0F);
}

TEST_F(SuggestedSampling, nonsense_isNotUsedAndSaidByField) {
    const auto sampling = read(R"({"temperature": 99, "top_p": "much", "top_k": -3, "min_p": null})");
    EXPECT_EQ(sampling, api::SamplingOptions());
    EXPECT_THAT(m_warnings, testing::ElementsAre(testing::HasSubstr("temperature"), testing::HasSubstr("top_k"),
                                                 testing::HasSubstr("top_p")));
    EXPECT_THAT(m_warnings, testing::Each(testing::HasSubstr("generation_config.json")));
}

TEST_F(SuggestedSampling, brokenFile_isSaid) {
    EXPECT_EQ(read("{"), api::SamplingOptions());
    EXPECT_THAT(m_warnings, testing::ElementsAre(testing::HasSubstr("not a JSON object")));
}

} // namespace
} // namespace bathy::runtime
