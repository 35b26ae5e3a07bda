#include "engine/library/facts_cache.h"
#include "engine/library/file_facts.h"

#include "tests/support/scratch_folder.h"
#include "tests/support/weight_files.h"

#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::library;
using bathy::test::GgufShape;
using bathy::test::ScratchFolder;

TEST(FileFacts, Gguf_saysArchitectureContextAndType) {
    const ScratchFolder folder;
    GgufShape shape;
    shape.vocabulary = 40'000; // several pieces of the window
    test::writeGguf(folder.path() / "a.gguf", shape);
    const auto facts = readFileFacts(folder.path() / "a.gguf", WeightFormat::Gguf);
    EXPECT_EQ(facts.problem, "");
    EXPECT_EQ(facts.architecture, "qwen2");
    EXPECT_EQ(facts.contextLength, 32'768);
    EXPECT_EQ(facts.quantisation, "Q4_K_M");
    EXPECT_EQ(facts.headerHash.size(), 16U);
    test::writeGguf(folder.path() / "same.gguf", shape);
    EXPECT_EQ(readFileFacts(folder.path() / "same.gguf", WeightFormat::Gguf).headerHash, facts.headerHash);
    shape.title = "Another";
    test::writeGguf(folder.path() / "other.gguf", shape);
    EXPECT_NE(readFileFacts(folder.path() / "other.gguf", WeightFormat::Gguf).headerHash, facts.headerHash);
}

TEST(FileFacts, Safetensors_saysWhatMostBytesAreStoredIn) {
    const ScratchFolder folder;
    for (const auto& [dtype, label] : {std::pair("F8_E4M3", "FP8"), {"BF16", "BF16"}, {"I8", "FP4"}}) {
        test::writeSafetensors(folder.path() / "a.safetensors", dtype, 4096);
        const auto facts = readFileFacts(folder.path() / "a.safetensors", WeightFormat::Safetensors);
        EXPECT_EQ(facts.problem, "");
        EXPECT_EQ(facts.quantisation, label);
    }
}

// Every cut and every changed byte of a header: a problem or facts, never anything else.
TEST(FileFacts, BrokenHeaders_areProblems) {
    const ScratchFolder folder;
    GgufShape shape;
    shape.vocabulary = 3;
    shape.tensorBytes = 64;
    test::writeGguf(folder.path() / "good.gguf", shape);
    test::writeSafetensors(folder.path() / "good.safetensors", "BF16", 64);
    for (const auto format : {WeightFormat::Gguf, WeightFormat::Safetensors}) {
        const auto good =
            *readQuietly(folder.path() / (format == WeightFormat::Gguf ? "good.gguf" : "good.safetensors"), 1'000'000);
        for (std::size_t cut = 0; cut < good.size() - 96; cut += 7) {
            const auto file = folder.write("bad", good.substr(0, cut));
            EXPECT_NE(readFileFacts(file, format).problem, "") << cut;
        }
        for (std::size_t at = 0; at < good.size(); ++at) {
            auto changed = good;
            changed[at] = at % 2 == 0 ? '\xFF' : '\x7F';
            readFileFacts(folder.write("bad", changed), format);
        }
    }
    EXPECT_NE(readFileFacts(folder.path() / "nothing", WeightFormat::Gguf).problem, "");
    EXPECT_NE(readFileFacts(folder.path(), WeightFormat::Gguf).problem, "");
}

TEST(FileFacts, CorpusOfBrokenFiles_isSurvived) {
    const auto corpus = std::filesystem::path(BATHY_SOURCE_DIR) / "tests" / "fuzz" / "corpus";
    int count = 0;
    for (const auto& [name, format] :
         {std::pair("gguf", WeightFormat::Gguf), {"safetensors", WeightFormat::Safetensors}})
        for (const auto& entry : std::filesystem::directory_iterator(corpus / name)) {
            const auto facts = readFileFacts(entry.path(), format);
            EXPECT_NE(facts.problem.empty(), facts.headerHash.empty()) << entry.path();
            ++count;
        }
    EXPECT_GT(count, 60);
}

TEST(FactsCache, KnownFile_isNotReadAgainUntilItChanges) {
    const ScratchFolder folder;
    const auto file = folder.path() / "a.gguf", kept = folder.path() / "cache" / "library.json";
    test::writeGguf(file, {});
    FactsCache cache;
    EXPECT_EQ(cache.facts(*lookAt(file), WeightFormat::Gguf).architecture, "qwen2");
    EXPECT_EQ(cache.filesRead(), 1U);
    ASSERT_TRUE(cache.save(kept));
    auto again = FactsCache::load(kept);
    EXPECT_EQ(again.facts(*lookAt(file), WeightFormat::Gguf).contextLength, 32'768);
    EXPECT_EQ(again.filesRead(), 0U);
    GgufShape shape;
    shape.architecture = "llama";
    test::writeGguf(file, shape);
    EXPECT_EQ(again.facts(*lookAt(file), WeightFormat::Gguf).architecture, "llama");
    EXPECT_EQ(again.filesRead(), 1U);
}

TEST(FactsCache, BrokenFile_countsAsEmpty) {
    const ScratchFolder folder;
    for (const char* text : {"", "{", "[]", R"({"version": 1, "files": [[1, 2]]})", R"({"version": 1, "files": 3})",
                             R"({"version": 99, "files": []})"}) {
        auto cache = FactsCache::load(folder.write("cache.json", text));
        EXPECT_EQ(cache.filesRead(), 0U);
        test::writeGguf(folder.path() / "a.gguf", {});
        EXPECT_EQ(cache.facts(*lookAt(folder.path() / "a.gguf"), WeightFormat::Gguf).architecture, "qwen2");
    }
}
