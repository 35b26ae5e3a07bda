#include "engine/library/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::library;
using testing::HasSubstr;

namespace {

Entry entry(Owner owner, const char* name, const char* quantisation, const char* tag = "") {
    Entry entry;
    entry.owner = owner;
    entry.name = name;
    entry.quantisation = quantisation;
    entry.tag = tag;
    entry.family = "qwen2";
    entry.open = std::string("models/") + name + "/" + quantisation + tag;
    return entry;
}

std::vector<Entry> sampleEntries() {
    return {
        entry(Owner::HuggingFace, "org/Distill-7B-GGUF", "Q4_K_M"),
        entry(Owner::HuggingFace, "org/Distill-7B-GGUF", "Q8_0"),
        entry(Owner::HuggingFace, "org/Distill-7B-GGUF", "UD-IQ1_S"),
        entry(Owner::HuggingFace, "deepseek-ai/DeepSeek-R1", "FP8"),
        entry(Owner::LmStudio, "other/DeepSeek-R1", "Q4_K_M"),
        entry(Owner::Ollama, "deepseek-r1", "Q4_K_M", "7b"),
        entry(Owner::Ollama, "deepseek-r1", "Q4_K_M", "latest"),
        entry(Owner::Ollama, "qwen3", "Q8_0", "4b"),
    };
}

std::string opened(const std::vector<Entry>& entries, const char* name) {
    const auto found = resolveName(entries, name);
    return found ? (*found)->open.string() : "error: " + found.error().what();
}

} // namespace

TEST(Names, AllForms_leadToTheModel) {
    const auto entries = sampleEntries();
    EXPECT_EQ(opened(entries, "org/Distill-7B-GGUF:Q4_K_M"), "models/org/Distill-7B-GGUF/Q4_K_M");
    EXPECT_EQ(opened(entries, "org/distill-7b-gguf:q8_0"), "models/org/Distill-7B-GGUF/Q8_0");
    EXPECT_EQ(opened(entries, "distill-7b-gguf@q4_k_m"), "models/org/Distill-7B-GGUF/Q4_K_M");
    EXPECT_EQ(opened(entries, "distill-7b-gguf@iq1_s"), "models/org/Distill-7B-GGUF/UD-IQ1_S");
    EXPECT_EQ(opened(entries, "deepseek-ai/DeepSeek-R1"), "models/deepseek-ai/DeepSeek-R1/FP8");
    EXPECT_EQ(opened(entries, "deepseek-r1:7b"), "models/deepseek-r1/Q4_K_M7b");
    EXPECT_EQ(opened(entries, "deepseek-r1:latest"), "models/deepseek-r1/Q4_K_Mlatest");
    EXPECT_EQ(opened(entries, "qwen3"), "models/qwen3/Q8_04b");
    EXPECT_EQ(opened(entries, "https://huggingface.co/deepseek-ai/DeepSeek-R1/tree/main"),
              "models/deepseek-ai/DeepSeek-R1/FP8");
    EXPECT_EQ(opened(entries, "hf.co/deepseek-ai/DeepSeek-R1?x=1"), "models/deepseek-ai/DeepSeek-R1/FP8");
}

TEST(Names, SeveralMeanings_areListed) {
    const auto entries = sampleEntries();
    const auto found = resolveName(entries, "org/Distill-7B-GGUF");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code(), ErrorCode::BadArgument);
    for (const char* candidate : {"org/Distill-7B-GGUF:Q4_K_M", "org/Distill-7B-GGUF:Q8_0", "UD-IQ1_S"})
        EXPECT_THAT(found.error().what(), HasSubstr(candidate));
    EXPECT_THAT(opened(entries, "DeepSeek-R1"), HasSubstr("can be any of"));
    EXPECT_THAT(opened(entries, "nothing/here"), HasSubstr("no model"));
    EXPECT_THAT(opened(entries, ""), HasSubstr("no model"));
}

TEST(Names, CopiesAndIncompleteOnes_areNoSecondMeaning) {
    auto entries = sampleEntries();
    entries[3].missing = {"model-00002-of-00002.safetensors"};
    entries[5].missing = {"sha256-0"};
    EXPECT_EQ(opened(entries, "deepseek-ai/DeepSeek-R1"), "models/deepseek-ai/DeepSeek-R1/FP8"); // said when opened
    entries[0].duplicates = entries[1].duplicates = entries[2].duplicates = 1;
    EXPECT_EQ(opened(entries, "org/Distill-7B-GGUF"), "models/org/Distill-7B-GGUF/Q4_K_M");
}

TEST(Names, Search_takesNamesAndWords) {
    const auto entries = sampleEntries();
    const auto count = [&](const char* query) {
        return std::count_if(entries.begin(), entries.end(), [&](const Entry& e) { return matchesSearch(e, query); });
    };
    EXPECT_EQ(count(""), 8);
    EXPECT_EQ(count("deepseek"), 4);
    EXPECT_EQ(count("deepseek ollama"), 2);
    EXPECT_EQ(count("org/Distill-7B-GGUF:Q8_0"), 1);
    EXPECT_EQ(count("distill-7b-gguf@q4_k_m"), 1);
    EXPECT_EQ(count("q4_k_m"), 4);
    EXPECT_EQ(count("https://huggingface.co/deepseek-ai/DeepSeek-R1"), 1);
    EXPECT_EQ(count("nothing"), 0);
}
