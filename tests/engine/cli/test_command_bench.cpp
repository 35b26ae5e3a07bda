// bathy bench through the real program, with the checkpoint that ships and tiny sizes. No time is judged. --force,
// because a machine that runs tests is busy.
#include "engine/base/text_file.h"
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Ran bench(std::vector<std::string> more, const Moment& interruptAt = {}) {
    std::vector<std::string> words{"bench", "bundled", "--force", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return runBathy(words, interruptAt);
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

// Bytes of weights that one token needs, from the list of tensors.
double weightsOfOneToken(const json& config) {
    double bytes = 0;
    const auto listed = json::parse(runBathy({"tensors", "bundled", "--json"}).out)["tensors"];
    for (const auto& tensor : listed) {
        const auto name = tensor["name"].get<std::string>();
        auto part = tensor["bytes"].get<double>();
        if (name.starts_with("mtp."))
            continue;
        if (contains(name, ".experts."))
            part *= config["num_experts_per_tok"].get<double>() / config["n_routed_experts"].get<double>();
        else if (name == "embed.weight" || contains(name, "tid2eid"))
            part /= config["vocab_size"].get<double>();
        bytes += part;
    }
    return bytes;
}

// Rows in BF16 that the token at `position` reads.
double rowsOfOneToken(const json& config, std::int64_t position) {
    const std::int64_t seen = position + 1;
    const std::int64_t row = 2 * config["head_dim"].get<std::int64_t>();
    const std::int64_t key = 2 * config["index_head_dim"].get<std::int64_t>();
    const std::int64_t topK = config["index_topk"];
    std::int64_t bytes = 0;
    for (int layer = 0; layer < config["num_hidden_layers"].get<int>(); ++layer) {
        bytes += std::min<std::int64_t>(seen, config["sliding_window"]) * row;
        const std::int64_t ratio = config["compress_ratios"][static_cast<std::size_t>(layer)];
        const auto entries = ratio > 0 ? seen / ratio : 0;
        bytes += (ratio == 4 ? std::min(entries, topK) : entries) * row;
        bytes += ratio == 4 && entries > topK ? entries * key : 0;
    }
    return static_cast<double>(bytes);
}

TEST(CommandBench, Json_hasWhatTheContractNamesAndTheBytesOfTheCheckpoint) {
    const auto ran = bench({"--pp", "9", "--tg", "4", "--depth", "0,300", "--repeat", "2", "--chunk", "8", "--json"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    ASSERT_EQ(document["rows"].size(), 4U);
    for (const auto& row : document["rows"]) {
        EXPECT_EQ(row["tokens_per_second"]["samples"].size(), 2U);
        EXPECT_GE(row["tokens_per_second"]["median"], row["tokens_per_second"]["min"]);
        EXPECT_LE(row["tokens_per_second"]["median"], row["tokens_per_second"]["max"]);
        EXPECT_GT(row["bytes_per_token"], 0);
        EXPECT_TRUE(row["fraction_of_bandwidth"].is_null());
    }
    EXPECT_TRUE(document["probe"].is_null());
    EXPECT_TRUE(document["machine"].contains("busy"));
    EXPECT_EQ(document["settings"]["kv_format"], "bf16");
    EXPECT_GT(document["peak_memory_bytes"], 0);
    const auto config =
        json::parse(readTextFile(document["path"].get<std::string>() + "/config.json", 1 << 20).value());
    const auto weights = weightsOfOneToken(config);
    for (const std::size_t r : {1U, 3U}) {
        const auto& row = document["rows"][r];
        EXPECT_EQ(row["test"], "decode");
        double rows = 0;
        for (int i = 0; i < 4; ++i)
            rows += rowsOfOneToken(config, row["depth"].get<std::int64_t>() + i);
        EXPECT_NEAR(row["bytes_per_token"].get<double>(), weights + rows / 4, 0.5);
    }
    // Nine tokens in two passes read most weights twice instead of nine times.
    EXPECT_LT(document["rows"][0]["bytes_per_token"], weights / 2);
}

TEST(CommandBench, LengthAskedForAlone_isMeasuredAlone) {
    const auto ran = runBathy({"bench", "--force", "-q", "--repeat", "1", "--tg", "2,3", "bundled"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    EXPECT_EQ(ran.out.find("prefill"), std::string::npos);
    EXPECT_EQ(ran.out.find("test "), 0U);
    EXPECT_THAT(ran.out, HasSubstr("\ndecode  2"));
    EXPECT_THAT(ran.out, HasSubstr("\ndecode  3"));
    EXPECT_THAT(ran.out, HasSubstr("median of 1 run after one to warm up"));
}

TEST(CommandBench, Probe_measuresTheMachineInTheSameRun) {
    const auto ran = bench({"--pp", "4", "--tg", "1", "--repeat", "1", "--probe", "--json"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    const auto& probe = document["probe"];
    EXPECT_EQ(probe["read_bytes_per_second_samples"].size(), 2U);
    EXPECT_GT(probe["read_bytes_per_second_one_thread"], 0);
    EXPECT_GT(probe["matrix_flops"]["f32"], 0);
    EXPECT_GT(probe["matrix_flops"]["bf16"], 0);
    EXPECT_NE(probe["disk"]["bytes_per_second"].is_null(), !probe["disk"].contains("not_measured"));
    for (const auto& row : document["rows"])
        EXPECT_NEAR(row["fraction_of_bandwidth"].get<double>(),
                    row["bytes_per_token"].get<double>() * row["tokens_per_second"]["median"].get<double>() /
                        probe["read_bytes_per_second"].get<double>(),
                    1e-9);
}

TEST(CommandBench, Out_isWrittenInTheFormOfItsName) {
    const ScratchFolder folder;
    const auto run = [&](const char* name) {
        const auto file = folder.path() / name;
        const auto ran = bench({"--tg", "1", "--repeat", "1", "--out", file.string()});
        EXPECT_EQ(ran.exitCode, 0) << ran.err;
        return readTextFile(file, 1 << 20).value_or("");
    };
    EXPECT_EQ(json::parse(run("bench.json"))["rows"].size(), 1U);
    EXPECT_EQ(run("bench.csv").find("test,n,depth,"), 0U);
    EXPECT_THAT(run("bench.md"), HasSubstr("| decode | 1 | 0 |"));
}

TEST(CommandBench, BadArguments_areRefusedWithAHint) {
    for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{{"--pp", "0"},
                                                                                      {"--tg", "x"},
                                                                                      {"--depth", "-1"},
                                                                                      {"--repeat", "0"},
                                                                                      {"--chunk", "0"},
                                                                                      {"--out", "bench.txt"},
                                                                                      {"--depth", "999999999"}}) {
        const auto ran = bench(more);
        EXPECT_EQ(ran.exitCode, 2) << more[0] << " " << more[1];
        EXPECT_THAT(ran.err, HasSubstr("bathy: hint: ")) << more[0];
        EXPECT_EQ(ran.out, "");
    }
    EXPECT_EQ(runBathy({"bench"}).exitCode, 2);
    EXPECT_EQ(runBathy({"bench", "/nowhere", "--force"}).exitCode, 3);
}

TEST(CommandBench, Interrupted_printsWhatThereIs) {
    const auto ran = bench({"--tg", "1,100000", "--repeat", "100", "--json"}, after(std::chrono::seconds(3)));
    EXPECT_EQ(ran.exitCode, 130) << ran.err;
    const auto document = json::parse(ran.out);
    EXPECT_TRUE(document["stopped"].get<bool>());
    EXPECT_TRUE(document["rows"].is_array());
}

} // namespace
} // namespace bathy::test
