// Runs the real `bathy tokenize` with the small committed tokenizer.
#include "engine/base/text_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace bathy::cli {
namespace {

struct Ran {
    int code = -1;
    std::string out; // stdout and stderr
};

Ran tokenize(const std::string& arguments, const std::string& redirect = "2>&1",
             const std::string& model = BATHY_SOURCE_DIR "/tests/golden/tokenizer") {
    const std::string command =
        std::string(BATHY_BINARY_DIR) + "/bin/bathy tokenize '" + model + "' " + arguments + " " + redirect;
    Ran ran;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (!pipe)
        return ran;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        ran.out.append(buffer.data(), count);
    const int status = pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

std::string temporaryFile(const std::string& name, const std::string& content) {
    const auto path = std::filesystem::temp_directory_path() / ("bathy_tokenize_" + std::to_string(getpid()) + name);
    EXPECT_TRUE(writeFileAtomically(path, content));
    return path.string();
}

TEST(CommandTokenize, text_there_andBack) {
    const auto ids = tokenize("--text 'The <think> licence' --ids");
    EXPECT_EQ(ids.code, 0);
    EXPECT_NE(ids.out.find("1503"), std::string::npos);
    auto list = ids.out.substr(0, ids.out.find('\n'));
    std::replace(list.begin(), list.end(), ' ', ',');
    EXPECT_EQ(tokenize("--decode " + list).out, "The <think> licence");
    EXPECT_EQ(tokenize("--text 'The <think> licence' --ids --plain").out.find("1503"), std::string::npos);
}

TEST(CommandTokenize, json_isOneDocumentWithSpans) {
    const auto ran = tokenize("--json --text 'na\xC3\xAFve'", "2>/dev/null");
    const auto json = nlohmann::json::parse(ran.out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << ran.out;
    EXPECT_EQ(json.at("text"), "na\xC3\xAFve");
    EXPECT_EQ(json.at("count"), json.at("ids").size());
    EXPECT_EQ(json.at("tokens").back().at("end"), 6);
}

TEST(CommandTokenize, chat_rendersEncodesAndSaysWhereMessagesLie) {
    const auto file = temporaryFile("chat.json", R"([{"role": "user", "content": "hi <think>"}])");
    const auto ran = tokenize("--json --thinking thinking --chat " + file, "2>/dev/null");
    const auto json = nlohmann::json::parse(ran.out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << ran.out;
    EXPECT_EQ(json.at("text"), "<｜begin▁of▁sentence｜><｜User｜>hi <think><｜Assistant｜><think>");
    EXPECT_EQ(json.at("messages").at(0).at("begin"), 1);
    EXPECT_EQ(json.at("messages").at(0).at("end"), json.at("count"));
    const auto effort = tokenize("--thinking thinking --effort max --chat " + file);
    EXPECT_EQ(effort.code, 3);
    EXPECT_NE(effort.out.find("bathy: error: reasoning effort max is not available"), std::string::npos);
    std::filesystem::remove(file);
}

TEST(CommandTokenize, chatOfAFolderWithATemplate_isWrittenByIt) {
    const auto chat = temporaryFile("chat.json", R"([{"role": "user", "content": "hi"}])");
    const auto folder = std::filesystem::path(chat).parent_path() / ("other_family_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::filesystem::copy_file(BATHY_SOURCE_DIR "/tests/golden/tokenizer/tokenizer.json", folder / "tokenizer.json");
    std::ofstream(folder / "config.json") << R"({"model_type": "qwen2"})";
    std::ofstream(folder / "chat_template.jinja")
        << "{% for message in messages %}{{ message.role }}:{{ message.content }};{% endfor %}";
    const auto ran = tokenize("--json --chat " + chat, "2>/dev/null", folder.string());
    const auto json = nlohmann::json::parse(ran.out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << ran.out;
    EXPECT_EQ(json.at("text"), "user:hi;");
    std::filesystem::remove_all(folder);
    std::filesystem::remove(chat);
}

TEST(CommandTokenize, mistakes_haveTheContractsExitCodes) {
    EXPECT_EQ(tokenize("").code, 2);
    EXPECT_EQ(tokenize("--text a --decode 1").code, 2);
    EXPECT_EQ(tokenize("--decode 999999").code, 2);
    EXPECT_EQ(tokenize("--file /nowhere").code, 3);
    EXPECT_EQ(tokenize("--chat /nowhere --thinking loudly").code, 2);
    const auto bad = temporaryFile("bad.json", R"([{"role": "king"}])");
    EXPECT_EQ(tokenize("--chat " + bad).code, 3);
    std::filesystem::remove(bad);
}

} // namespace
} // namespace bathy::cli
