// What a model takes of the memory, as the program says it before loading, and what comes of asking for too much.
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using bathy::test::runBathy;
using bathy::test::ScratchFolder;
using nlohmann::json;

namespace {

class Fit : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(runBathy({"synth", "tiny-qwen2", model, "--quiet"}).exitCode, 0);
        std::ofstream(tokens) << "[5, 6, 7, 8]";
    }

    ScratchFolder folder;
    std::string model = (folder.path() / "m").string();
    std::string tokens = (folder.path() / "tokens.json").string();
};

std::uint64_t bytesOf(const json& plan, const std::string& group) {
    std::uint64_t sum = 0;
    for (const auto& part : plan["parts"])
        sum += part["group"] == group ? part["bytes"].get<std::uint64_t>() : 0;
    return sum;
}

} // namespace

TEST_F(Fit, info_plansTheContextThatIsAskedFor) {
    const auto at = [&](const std::string& context) {
        return json::parse(runBathy({"info", model, "--context", context, "--reserve", "2GB", "--json"}).out);
    };
    const auto shorter = at("1024"), longer = at("2048");
    EXPECT_EQ(longer["plan"]["context"], 2048);
    EXPECT_EQ(bytesOf(longer["plan"], "kv"), 2 * bytesOf(shorter["plan"], "kv"));
    EXPECT_EQ(bytesOf(longer["plan"], "weights"), longer["bytes"]["total"]);
    std::uint64_t total = 0;
    for (const auto& part : longer["plan"]["parts"])
        total += part["bytes"].get<std::uint64_t>();
    EXPECT_EQ(longer["plan"]["total"], total);
    const auto& cpu = longer["fit"][0];
    EXPECT_EQ(cpu["reserve"], 2'000'000'000);
    EXPECT_EQ(cpu["needed"], total);
    EXPECT_EQ(cpu["verdict"] == "fits", cpu["missing"] == 0);
    EXPECT_EQ(runBathy({"info", model, "--context", "9000"}).exitCode, 2); // the model holds 8,192
}

TEST_F(Fit, loading_isRefusedWithTheMissingBytesUnlessForced) {
    const std::vector<std::string> run{"run", model, "--tokens-file", tokens, "-n", "1", "--json", "--quiet"};
    auto greedy = run;
    greedy.insert(greedy.end(), {"--reserve", "100TB"});
    const auto refused = runBathy(greedy);
    EXPECT_EQ(refused.exitCode, 4);
    EXPECT_NE(refused.err.find("are missing"), std::string::npos) << refused.err;
    EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
    greedy.push_back("--force");
    EXPECT_EQ(runBathy(greedy).exitCode, 0);
}

TEST_F(Fit, run_saysPredictedAndActual) {
    const auto ran = runBathy({"run", model, "--tokens-file", tokens, "-n", "2", "--json", "--quiet"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto memory = json::parse(ran.out)["memory"];
    EXPECT_EQ(memory["context"], 6);
    const auto& predicted = memory["predicted"];
    std::uint64_t sum = 0;
    for (const char* part : {"weights", "kv", "scratch", "logits", "program"})
        sum += predicted[part].get<std::uint64_t>();
    EXPECT_EQ(predicted["total"], sum);
    EXPECT_GT(memory["actual"]["peak_resident_bytes"].get<std::uint64_t>(), 0U);
}
