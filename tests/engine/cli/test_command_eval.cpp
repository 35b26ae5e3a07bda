// bathy eval through the real program, with the checkpoint that ships and small sets of questions.
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bathy::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

#ifdef BATHY_SANITIZED // many times slower
constexpr int kLines = 80, kWidth = 300;
#else
constexpr int kLines = 200, kWidth = 2000;
#endif

std::string question(const std::string& id, int tokens = 4) {
    return json{{"id", id},
                {"skill", id.substr(0, 1)},
                {"messages", {{{"role", "user"}, {"content", "Say " + id}}}},
                {"max_tokens", tokens},
                {"answer", "1"},
                {"match", "number"}}
               .dump() +
           "\n";
}

std::size_t linesOf(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::size_t lines = 0;
    for (std::string line; std::getline(stream, line);)
        ++lines;
    return lines;
}

class CommandEval : public testing::Test {
protected:
    std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }
    Ran eval(std::vector<std::string> more, const Moment& interruptAt = {}) const {
        std::vector<std::string> words{"eval", "bundled", "--data", path("data"), "--json", "-q"};
        words.insert(words.end(), more.begin(), more.end());
        return runBathy(words, interruptAt);
    }
    void data(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories(m_folder.path() / "data");
        m_folder.write("data/" + name, content);
    }

    ScratchFolder m_folder;
};

TEST_F(CommandEval, Basics_jsonHasWhatTheContractNames) {
    data("set.jsonl", question("a-1") + question("a-2") + question("b-1"));
    const auto ran = eval({"--suite", "basics", "--out", path("out")});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    EXPECT_EQ(document["suite"], "basics");
    EXPECT_EQ(document["items"], 3);
    for (const char* key : {"score", "stderr", "settings", "interval95"})
        EXPECT_TRUE(document.contains(key)) << key;
    EXPECT_EQ(document["skills"].size(), 2U);
    EXPECT_EQ(document["skills"][0]["items"], 2);
    EXPECT_EQ(linesOf(document["per_item_file"].get<std::string>()), 3U);
}

TEST_F(CommandEval, Resume_goesOnWhereItStopped) {
    data("set.jsonl", question("a-1") + question("a-2") + question("a-3"));
    ASSERT_EQ(eval({"--suite", "basics", "--out", path("out")}).exitCode, 0);
    const auto items = path("out/items.jsonl");
    std::filesystem::resize_file(items, std::filesystem::file_size(items) - 5); // as a crash leaves it
    const auto refused = eval({"--suite", "basics", "--out", path("out")});
    EXPECT_EQ(refused.exitCode, 2);
    EXPECT_THAT(refused.err, HasSubstr("--resume"));
    const auto resumed = eval({"--suite", "basics", "--out", path("out"), "--resume"});
    ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
    EXPECT_EQ(json::parse(resumed.out)["items"], 3);
    EXPECT_EQ(linesOf(items), 3U);
    const auto other = eval({"--suite", "basics", "--limit", "1", "--out", path("out"), "--resume"});
    EXPECT_EQ(other.exitCode, 2);
    EXPECT_THAT(other.err, HasSubstr("other settings"));
}

TEST_F(CommandEval, Interrupted_keepsWhatThereIs) {
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += question("a-" + std::to_string(i), 64);
    data("set.jsonl", many);
    const auto answered = [&](const std::filesystem::path&) { return linesOf(path("out/items.jsonl")) > 0; };
    const auto ran = eval({"--suite", "basics", "--out", path("out")}, answered);
    EXPECT_EQ(ran.exitCode, 130) << ran.err;
    const auto document = json::parse(ran.out);
    EXPECT_TRUE(document["stopped"].get<bool>());
    EXPECT_GT(document["items"], 0);
    EXPECT_EQ(document["items"], linesOf(path("out/items.jsonl")));
}

TEST_F(CommandEval, Passkey_asksAboutLongTexts) {
    data("haystack.txt", "The rain had stopped and the road was dry again. Nobody had heard the door.");
    const auto ran = eval({"--suite", "passkey", "--lengths", "300,600", "--trials", "2", "--out", path("out")});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    EXPECT_EQ(document["items"], 4);
    std::ifstream stream(path("out/items.jsonl"));
    std::string line;
    std::getline(stream, line);
    const auto tokens = json::parse(line)["prompt_tokens"].get<int>();
    EXPECT_LE(tokens, 300);
    EXPECT_GT(tokens, 260);
}

TEST_F(CommandEval, RoutingAndLoad_measureEveryLearnedLayer) {
    std::string rain;
    std::string sums;
    for (int i = 0; i < kLines; ++i) {
        rain += "The rain had stopped on day " + std::to_string(i) + " and the road was dry again.\n";
        sums += question("sum " + std::to_string(i) + " + " + std::to_string(i * i), 2);
    }
    data("rain.txt", rain);
    data("sums.jsonl", sums);
    const auto ran = eval({"--suite", "routing"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto proofs = json::parse(ran.out)["proofs"];
    for (const char* proof : {"guess", "distance", "knock_out"})
        EXPECT_TRUE(proofs[proof]["holds"].is_boolean()) << proof;
    EXPECT_EQ(proofs["distance"]["layers"].size(), 4U);
    EXPECT_EQ(proofs["knock_out"]["skill"], "s");
    EXPECT_EQ(proofs["knock_out"]["text"], "rain");
    EXPECT_EQ(proofs["knock_out"]["skill_experts"].size(), 8U);
    const auto load = eval({"--suite", "load"});
    ASSERT_EQ(load.exitCode, 0) << load.err;
    const auto document = json::parse(load.out);
    EXPECT_EQ(document["layers"].size(), 4U);
    EXPECT_GE(document["score"].get<double>(), 1);
}

TEST_F(CommandEval, Mtp_countsFirstDrafts) {
    data("rain.txt", std::string(kWidth, 'r') + " and the road was dry again. It rained.");
    data("set.jsonl", question("a-1", 32) + question("a-2", 32));
    const auto ran = eval({"--suite", "mtp"});
    ASSERT_EQ(ran.exitCode, 0) << ran.err;
    const auto document = json::parse(ran.out);
    for (const char* part : {"skills", "prose"}) {
        EXPECT_GT(document[part]["drafted"], 0) << part;
        EXPECT_LE(document[part]["accepted"], document[part]["drafted"]) << part;
    }
}

TEST_F(CommandEval, WrongUseAndBadFiles_areRefusedInOneSentence) {
    EXPECT_EQ(eval({"--suite", "basics"}).exitCode, 3) << "no data folder";
    data("set.jsonl", question("a-1") + "{\"id\":3}\n");
    const auto bad = eval({"--suite", "basics", "--out", path("out")});
    EXPECT_EQ(bad.exitCode, 3);
    EXPECT_THAT(bad.err, HasSubstr("set.jsonl, line 2: id is no text"));
    EXPECT_FALSE(std::filesystem::exists(path("out")));
    EXPECT_EQ(eval({"--suite", "basic"}).exitCode, 2);
    EXPECT_EQ(eval({}).exitCode, 2);
    data("set.jsonl", question("a-1"));
    const auto single = eval({"--suite", "routing"});
    EXPECT_EQ(single.exitCode, 3);
    EXPECT_THAT(single.err, HasSubstr("fewer than two kinds of text"));
    const auto noHaystack = eval({"--suite", "passkey", "--trials", "1", "--out", path("out")});
    EXPECT_EQ(noHaystack.exitCode, 3);
    EXPECT_THAT(noHaystack.err, HasSubstr("haystack.txt does not exist"));
}

} // namespace
} // namespace bathy::test
