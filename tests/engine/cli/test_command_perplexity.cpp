// bathy perplexity through the real program, with the checkpoint that ships.
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kText =
    "It was late when they reached the inn, and nobody in the house had heard the door. Grüße, 你好!\n";

TEST(CommandPerplexity, Json_hasWhatTheContractNamesAndEveryByteIsCounted) {
    const ScratchFolder folder;
    const auto file = folder.write("text.txt", kText + kText).string();
    const auto ran = runBathy(
        {"perplexity", "bundled", "--file", file, "--context", "32", "--reference", "bundled", "--json", "--quiet"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    EXPECT_EQ(document["bytes"], 2 * kText.size());
    EXPECT_NEAR(std::log2(document["ppl"].get<double>()) * document["tokens"].get<double>() /
                    document["bytes"].get<double>(),
                document["bits_per_byte"].get<double>(), 1e-9);
    EXPECT_EQ(document["kl"]["mean"], 0);
    EXPECT_EQ(document["kl"]["p99"], 0);
    EXPECT_EQ(document["top1"], 1);
}

TEST(CommandPerplexity, English_isEasierThanNoise) {
    const ScratchFolder folder;
    const auto bits = [&](const std::string& text) {
        const auto ran =
            runBathy({"perplexity", "bundled", "--file", folder.write("t", text).string(), "--json", "-q"});
        return json::parse(ran.out)["bits_per_byte"].get<double>();
    };
    EXPECT_GT(bits("qzx jvw kkq"), bits("The door was open.")) << "a trained model knows English from noise";
}

TEST(CommandPerplexity, BadFiles_areRefusedInOneSentence) {
    const ScratchFolder folder;
    const auto with = [&](const std::string& content) {
        return runBathy({"perplexity", "bundled", "--file", folder.write("t.txt", content).string()});
    };
    const auto broken = with("four\xFF");
    EXPECT_EQ(broken.exitCode, 3);
    EXPECT_THAT(broken.err, HasSubstr("t.txt: byte 4 is not UTF-8"));
    EXPECT_EQ(with("").exitCode, 3);
    EXPECT_EQ(runBathy({"perplexity", "bundled", "--file", "/nowhere"}).exitCode, 3);
    EXPECT_EQ(runBathy({"perplexity", "bundled"}).exitCode, 2);
    const auto file = folder.write("t.txt", "text").string();
    EXPECT_EQ(runBathy({"perplexity", "bundled", "--file", file, "--context", "7"}).exitCode, 2);
    EXPECT_EQ(runBathy({"perplexity", "bundled", "--file", file, "--context", "99999999"}).exitCode, 2);
    EXPECT_EQ(runBathy({"perplexity", "bundled", "--file", file, "--reference", "/nowhere"}).exitCode, 3);
}

TEST(CommandPerplexity, Interrupted_printsWhatThereIs) {
    const ScratchFolder folder;
    std::string text;
    while (text.size() < 3'000'000)
        text += kText;
    const auto ran = runBathy({"perplexity", "bundled", "--file", folder.write("t", text).string(), "--json", "-q"},
                              after(std::chrono::seconds(3)));
    EXPECT_EQ(ran.exitCode, 130) << ran.err;
    EXPECT_TRUE(json::parse(ran.out)["stopped"].get<bool>());
    EXPECT_LT(ran.seconds, 0.5);
}

} // namespace
} // namespace bathy::test
