#include "engine/library/file_name.h"
#include "engine/library/utf8_name.h"

#include <gtest/gtest.h>

using namespace bathy::library;

TEST(FileName, Parts_ofNamesThatPeopleHave) {
    struct Row {
        const char* file;
        const char* base;
        const char* quantisation;
        std::size_t shard, shards;
    };
    const Row rows[] = {
        {"DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", "DeepSeek-R1-Distill-Qwen-7B", "Q4_K_M", 0, 0},
        {"DeepSeek-R1-UD-IQ1_S-00002-of-00003.gguf", "DeepSeek-R1", "UD-IQ1_S", 2, 3},
        {"llama-2-7b.Q5_K_S.gguf", "llama-2-7b", "Q5_K_S", 0, 0},
        {"ggml-model-q4_0.gguf", "ggml-model", "Q4_0", 0, 0},
        {"gpt-oss-20b-mxfp4.gguf", "gpt-oss-20b", "MXFP4", 0, 0},
        {"model_iq2_xxs.GGUF", "model", "IQ2_XXS", 0, 0},
        {"Qwen3-8B.gguf", "Qwen3-8B", "", 0, 0},
        {"model-00001-of-00163.safetensors", "model", "", 1, 163},
        {"model-00009-of-00003.safetensors", "model-00009-of-00003", "", 0, 0},
        {"model-00001-of-999999.safetensors", "model-00001-of-999999", "", 0, 0},
        {"-of-.gguf", "-of-", "", 0, 0},
        {".gguf", "", "", 0, 0},
    };
    for (const auto& row : rows) {
        const auto name = parseFileName(row.file);
        EXPECT_EQ(name.base, row.base) << row.file;
        EXPECT_EQ(name.quantisation, row.quantisation) << row.file;
        EXPECT_EQ(name.shard, row.shard) << row.file;
        EXPECT_EQ(name.shards, row.shards) << row.file;
    }
}

TEST(FileName, ShardName_keepsTheDigits) {
    const auto name = parseFileName("a-Q8_0-00002-of-00012.gguf");
    EXPECT_EQ(shardName(name, 11, ".gguf"), "a-Q8_0-00011-of-00012.gguf");
}

TEST(Utf8Name, RefusesWhatIsNoText) {
    EXPECT_TRUE(isUtf8("Modèle 深度 🙂"));
    for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"})
        EXPECT_FALSE(isUtf8(bad));
    EXPECT_EQ(plainName("qwen2"), "qwen2");
    EXPECT_EQ(plainName("a\nb"), "");
    EXPECT_EQ(plainName(std::string(300, 'a')), "");
}
