// run, chat, capture, devices and doctor through the real program, with the checkpoint that ships.
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

namespace bathy::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::vector<std::string> runWords(std::vector<std::string> more) {
    std::vector<std::string> words{"run", "bundled", "--temp", "0", "-n", "12", "--json", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST(CommandRun, Json_hasWhatTheContractNames) {
    const auto ran = runBathy(runWords({"--prompt", "What is the capital of France?"}));
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    for (const char* key : {"text", "reasoning", "tokens", "finish_reason", "timings", "speculation"})
        EXPECT_TRUE(document.contains(key)) << key;
    for (const char* key : {"load", "prefill", "decode"})
        EXPECT_TRUE(document["timings"].contains(key)) << key;
    EXPECT_LE(document["tokens"].size(), 12U);
    EXPECT_FALSE(document["text"].get<std::string>().empty());
}

TEST(CommandRun, SameSeed_givesTheSameTokens) {
    const auto seeded = [](const char* seed) {
        const auto ran = runBathy(
            {"run", "bundled", "-p", "Tell me a story.", "-n", "32", "--temp", "1.5", "--seed", seed, "--json", "-q"});
        return json::parse(ran.out)["tokens"];
    };
    EXPECT_EQ(seeded("5"), seeded("5"));
    EXPECT_NE(seeded("5"), seeded("6"));
}

TEST(CommandRun, ChunkedPrompt_givesTheSameTokens) {
    const ScratchFolder folder;
    std::ofstream(folder.path() / "document.txt") << std::string(1500, 'a') << " the sea is deep";
    const auto chunked = [&](const char* chunk) {
        const auto ran = runBathy(runWords(
            {"--prompt", "What is deep?", "--document", (folder.path() / "document.txt").string(), "--chunk", chunk}));
        EXPECT_EQ(ran.exitCode, 0) << ran.err;
        return json::parse(ran.out)["tokens"];
    };
    const auto whole = chunked("4096");
    EXPECT_EQ(chunked("7"), whole);
    EXPECT_EQ(chunked("64"), whole);
}

TEST(CommandRun, WrongUse_isExit2AndBadFilesExit3) {
    EXPECT_EQ(runBathy({"run", "bundled"}).exitCode, 2);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--temp", "-1"}).exitCode, 2);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--chat", "y"}).exitCode, 2);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--document", "/nowhere"}).exitCode, 3);
    EXPECT_EQ(runBathy({"run", "/nowhere", "-p", "x"}).exitCode, 3);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--device", "cuda"}).exitCode, 5);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--device", "abacus"}).exitCode, 2);
    EXPECT_EQ(runBathy({"run", "bundled", "-p", "x", "--context", "1"}).exitCode, 4);
}

TEST(CommandRun, BannedExperts_areNamedInTheResultAndChangeTheAnswer) {
    const auto tokens = [](std::vector<std::string> more) {
        more.insert(more.end(), {"--prompt", "What is the capital of France?"});
        const auto ran = runBathy(runWords(more));
        EXPECT_EQ(ran.exitCode, 0) << ran.err;
        return json::parse(ran.out);
    };
    EXPECT_TRUE(tokens({})["banned_experts"].empty());
    std::vector<std::string> all;
    for (int layer = 0; layer < 6; ++layer) // whatever the checkpoint has learned, without any expert it says else
        for (int expert = 0; expert < 16; ++expert)
            all.insert(all.end(), {"--ban-expert", std::to_string(layer) + ":" + std::to_string(expert)});
    const auto banned = tokens(all);
    EXPECT_EQ(banned["banned_experts"].size(), 96U);
    EXPECT_EQ(banned["banned_experts"][47], (json{{"layer", 2}, {"expert", 15}}));
    EXPECT_NE(banned["tokens"], tokens({})["tokens"]);
}

TEST(CommandRun, BannedExperts_outsideTheModelAreWrongUse) {
    for (const char* word : {"2", "2:", ":3", "2:x", "2:-3", "2:3:4", "6:0", "0:16"}) {
        const auto ran = runBathy(runWords({"--prompt", "x", "--ban-expert", word}));
        EXPECT_EQ(ran.exitCode, 2) << word;
        EXPECT_THAT(ran.err, HasSubstr("expert")) << word;
    }
}

TEST(CommandRun, Interrupted_printsWhatThereIs) {
    // So hot that every token is as likely as another, and a seed whose end token comes after thousands of them.
    const auto ran = runBathy(
        {"run", "bundled", "-p", "Tell me a very long story.", "--temp", "100", "--seed", "4", "-q"}, oncePrinted());
    EXPECT_EQ(ran.exitCode, 130) << ran.err;
    EXPECT_FALSE(ran.out.empty());
}

TEST(CommandCapture, InfoExportDiff_agreeWithTheRun) {
    const ScratchFolder folder;
    const auto file = [&](const char* name) { return (folder.path() / name).string(); };
    const auto first = runBathy(runWords({"--prompt", "What is water?", "--capture", file("a.cap")}));
    ASSERT_EQ(first.exitCode, 0) << first.err;
    ASSERT_EQ(runBathy(runWords({"--prompt", "What is water?", "--capture", file("b.cap")})).exitCode, 0);
    ASSERT_EQ(runBathy(runWords({"--prompt", "What is fire?", "--capture", file("c.cap")})).exitCode, 0);

    const auto tokens = json::parse(first.out)["tokens"];
    const auto info = runBathy({"capture", "info", file("a.cap"), "--json"});
    ASSERT_EQ(info.exitCode, 0) << info.err;
    const auto document = json::parse(info.out);
    EXPECT_TRUE(document["indexed"].get<bool>());
    EXPECT_EQ(document["generations"][0]["tokens"], tokens);
    EXPECT_EQ(document["dropped"], 0);

    const auto csv = runBathy({"capture", "export", file("a.cap"), "--to", "csv"});
    EXPECT_THAT(csv.out, HasSubstr("generation,position,phase,token"));
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.out.begin(), csv.out.end(), '\r')),
              1 + document["prompt_tokens"].get<std::size_t>() + tokens.size());
    const auto routing = runBathy({"capture", "export", file("a.cap"), "--what", "routing", "--to", "json", "--json"});
    EXPECT_FALSE(json::parse(routing.out).empty());

    EXPECT_EQ(runBathy({"capture", "diff", file("a.cap"), file("b.cap")}).exitCode, 0);
    EXPECT_EQ(runBathy({"capture", "diff", file("a.cap"), file("c.cap")}).exitCode, 1);
}

TEST(CommandCapture, BadFiles_areExit3WithTheirName) {
    for (const auto& entry : std::filesystem::directory_iterator(BATHY_SOURCE_DIR "/tests/fuzz/corpus/capture")) {
        const auto name = entry.path().filename().string();
        const auto ran = runBathy({"capture", "info", entry.path().string()});
        EXPECT_EQ(ran.exitCode, name.starts_with("good_") ? 0 : 3) << name << ran.err;
        if (ran.exitCode == 3)
            EXPECT_THAT(ran.err, HasSubstr(name));
    }
}

TEST(CommandDevices, Json_namesEachBackend) {
    const auto ran = runBathy({"devices", "--json"});
    ASSERT_EQ(ran.exitCode, 0);
    const auto devices = json::parse(ran.out)["devices"];
    ASSERT_GE(devices.size(), 3U);
    EXPECT_EQ(devices[0]["id"], "cpu");
    EXPECT_TRUE(devices[0]["usable"].get<bool>());
    for (const auto& device : devices)
        EXPECT_NE(device["usable"].get<bool>(), !device["reason"].get<std::string>().empty());
}

TEST(CommandDoctor, Page_saysWhatRuns) {
    const auto ran = runBathy({"doctor"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("GB/s"));
    EXPECT_THAT(ran.out, HasSubstr("DeepSeek-V4-Flash"));
    EXPECT_LT(std::count(ran.out.begin(), ran.out.end(), '\n'), 40) << "one page";
    EXPECT_GT(json::parse(runBathy({"doctor", "--json"}).out)["read_bytes_per_second"].get<double>(), 1e8);
}

} // namespace
} // namespace bathy::test
