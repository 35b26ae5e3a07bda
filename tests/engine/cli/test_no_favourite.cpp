// The checkpoint that ships gets no treatment of its own: a copy under another name in another place behaves the same.
// (.ci/check refuses engine code that knows its name.)
#include "tests/engine/cli/run_bathy.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

namespace bathy::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class NoFavourite : public testing::Test {
protected:
    // Its weights and configuration alone; what only describes it stays behind.
    static void SetUpTestSuite() {
        s_folder.emplace();
        const auto copy = s_folder->path() / "some model";
        fs::create_directory(copy);
        const auto info = runBathy({"info", "bundled", "--json"});
        for (const auto& file : fs::directory_iterator(json::parse(info.out)["path"].get<std::string>()))
            if (file.path().extension() == ".safetensors" || file.path().filename() == "config.json" ||
                file.path().filename() == "model.safetensors.index.json" ||
                file.path().stem().string().starts_with("tokenizer"))
                fs::copy(file.path(), copy / file.path().filename());
        s_copy = copy.string();
    }
    static void TearDownTestSuite() { s_folder.reset(); }

    static json document(std::vector<std::string> words) {
        words.insert(words.end(), {"--json", "-q"});
        const auto ran = runBathy(words);
        EXPECT_EQ(ran.exitCode, 0) << ran.err;
        return json::parse(ran.out);
    }
    static std::string bytes(const fs::path& path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator(stream), {}};
    }

    static inline std::optional<ScratchFolder> s_folder;
    static inline std::string s_copy;
};

TEST_F(NoFavourite, Info_isTheSameButForNamePathAndDescription) {
    auto shipped = document({"info", "bundled"});
    auto copied = document({"info", s_copy});
    EXPECT_NE(shipped["path"], copied["path"]);
    for (auto* each : {&shipped, &copied})
        for (const char* key : {"name", "path", "description", "memory_available_bytes", "memory_total_bytes", "fit"})
            each->erase(key);
    EXPECT_EQ(shipped, copied);
}

TEST_F(NoFavourite, Logits_areTheSameBitForBit) {
    const auto out = [&](const char* name) { return (s_folder->path() / name).string(); };
    const std::string tokens = "0,5,99,1234,77,5,99,1234,3000,17,18,19";
    for (const std::string precision : {"exact", "fast"}) {
        document({"logits", "bundled", "--tokens", tokens, "--out", out("a.npy"), "--precision", precision});
        document({"logits", s_copy, "--tokens", tokens, "--out", out("b.npy"), "--precision", precision});
        EXPECT_EQ(bytes(out("a.npy")), bytes(out("b.npy"))) << precision;
    }
}

TEST_F(NoFavourite, Answers_areTheSame) {
    const auto answer = [](const std::string& model) {
        auto ran = document({"run", model, "-p", "What can you do?", "--temp", "0", "-n", "48"});
        return std::pair(ran["tokens"], ran["text"]);
    };
    EXPECT_EQ(answer("bundled"), answer(s_copy));
}

} // namespace
} // namespace bathy::test
