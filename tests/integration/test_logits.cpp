// The real program on checkpoints it made itself: `bathy synth`, then `bathy logits`, against the oracle's logits.
#include "tests/support/npy.h"
#include "tests/support/v4_rule_model.h"

#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

namespace bathy::test {
namespace {

class LogitsProgram : public testing::Test {
protected:
    // Exit code; stdout goes to `output`, stderr to `errors`.
    int bathy(const std::string& arguments) {
        const auto out = (m_folder.path() / "stdout").string();
        const auto err = (m_folder.path() / "stderr").string();
        const int status =
            std::system((std::string(BATHY_BINARY_DIR "/bin/bathy ") + arguments + " >" + out + " 2>" + err).c_str());
        output = readText(out);
        errors = readText(err);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::string at(const std::string& name) const { return (m_folder.path() / name).string(); }

    std::string output;
    std::string errors;

private:
    TemporaryFolder m_folder;
};

class LogitsGolden : public LogitsProgram, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(LogitsGolden, Agrees_with_the_oracle_however_the_prompt_is_cut) {
    const auto [preset, golden] = GetParam();
    const auto folder = std::string(BATHY_SOURCE_DIR "/tests/golden/") + golden;
    const auto expected = readNpy(folder + "/logits.npy");
    ASSERT_EQ(bathy(std::string("synth ") + preset + " " + at("model") + " --quiet"), 0) << errors;
    for (const std::string cut :
         {"", "--chunk 1", "--chunk 3", "--chunk 7", "--chunk 33", "--chunk 64", "--step-from 1", "--step-from 33"}) {
        ASSERT_EQ(bathy("logits " + at("model") + " --tokens-file " + folder + "/tokens.json --out " + at("ours.npy") +
                        " --json " + cut),
                  0)
            << errors;
        const auto ours = readNpy(at("ours.npy"));
        ASSERT_EQ(ours.rows, expected.rows);
        ASSERT_EQ(ours.cols, expected.cols);
        double largest = 0;
        for (std::size_t i = 0; i < ours.values.size(); ++i)
            largest = std::max(largest, std::fabs(static_cast<double>(ours.values[i]) - expected.values[i]));
        EXPECT_LE(largest, 2e-4) << cut;
        const auto document = nlohmann::json::parse(output);
        EXPECT_EQ(document.at("shape"), nlohmann::json({expected.rows, expected.cols}));
        EXPECT_EQ(document.at("argmax").size(), static_cast<std::size_t>(expected.rows));
        EXPECT_GT(document.at("memory").at("peak_resident_bytes"), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(, LogitsGolden,
                         testing::Values(std::pair{"tiny-v4", "v4_tiny/t6"}, std::pair{"tiny-v4b", "v4_tiny/t6b"}),
                         [](const auto& test) { return std::string(test.param.second).substr(8); });

TEST_F(LogitsProgram, Bad_input_is_one_sentence_and_the_right_exit_code) {
    ASSERT_EQ(bathy("synth tiny-v4 " + at("model") + " --quiet"), 0) << errors;
    const auto run = [&](const std::string& arguments) {
        return bathy("logits " + at("model") + " --out " + at("o.npy") + " " + arguments);
    };
    EXPECT_EQ(run("--tokens 1,96"), 2);
    EXPECT_NE(errors.find("bathy: error: token 96"), std::string::npos) << errors;
    EXPECT_EQ(run("--tokens 1,x"), 2);
    EXPECT_EQ(run(""), 2);
    EXPECT_EQ(run("--tokens 1 --precision rough"), 2);
    EXPECT_EQ(run("--tokens 1 --device cuda"), 5);
    EXPECT_EQ(run("--tokens-file " + at("missing.json")), 3);
    EXPECT_EQ(run("--tokens-file " + at("model") + "/config.json"), 3);
    EXPECT_NE(errors.find("config.json"), std::string::npos) << errors;
    EXPECT_EQ(bathy("logits " + at("model") + " --tokens 1 --out " + at("no/such/folder.npy")), 1);
}

} // namespace
} // namespace bathy::test
