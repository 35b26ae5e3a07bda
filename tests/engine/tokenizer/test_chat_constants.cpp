#include "engine/tokenizer/chat_constants.h"

#include "engine/tokenizer/python_strings.h"
#include "engine/tokenizer/sha256.h"

#include <gtest/gtest.h>

namespace bathy::tokenizer {
namespace {

using Strings = std::vector<std::string>;

TEST(Sha256, hex_publishedExamples_equal) {
    EXPECT_EQ(sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256Hex(std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(PythonStrings, literals_ofEveryKind_areRead) {
    EXPECT_EQ(pythonStrings(R"(a = 'x'; b = "y")"), (Strings{"x", "y"}));
    EXPECT_EQ(pythonStrings("a = '''one\ntwo'''"), (Strings{"one\ntwo"}));
    EXPECT_EQ(pythonStrings("a = \"\"\"say \"hi\" \"\"\""), (Strings{"say \"hi\" "}));
    EXPECT_EQ(pythonStrings(R"(a = "t\tn\n\\ \" \x41 \u2014 \U0001F642 \q")"), (Strings{"t\tn\n\\ \" A — 🙂 \\q"}));
    EXPECT_EQ(pythonStrings(R"(a = r"\n" + f"{x}")"), (Strings{"\\n{x}"}));
    EXPECT_EQ(pythonStrings("a = \"go \\\non\""), (Strings{"go on"}));
}

TEST(PythonStrings, neighbours_areJoinedAsPythonDoes) {
    EXPECT_EQ(pythonStrings("A = (\n  \"one\\n\"  # first\n  'two'\n)\nB = \"three\""), (Strings{"one\ntwo", "three"}));
    EXPECT_EQ(pythonStrings("f('a', 'b')"), (Strings{"a", "b"}));
    EXPECT_EQ(pythonStrings("x = 'a' \\\n 'b'"), (Strings{"ab"}));
}

TEST(PythonStrings, brokenSource_givesSomethingAndEnds) {
    EXPECT_EQ(pythonStrings("a = 'open\nb = 'ok'"), (Strings{"open", "ok"}));
    EXPECT_EQ(pythonStrings("'''never closed"), (Strings{"never closed"}));
    EXPECT_EQ(pythonStrings("'\\"), (Strings{"\\"}));
    EXPECT_EQ(pythonStrings("'\\x4"), (Strings{"\\x4"}));
    EXPECT_EQ(pythonStrings("'\\U00110000'"), (Strings{"\\U00110000"}));
    EXPECT_EQ(pythonStrings("# 'no'"), (Strings{}));
    EXPECT_EQ(pythonStrings("don't"), (Strings{"t"}));
}

TEST(ChatConstants, read_foreignFile_saysWhatIsMissing) {
    const auto constants = readChatConstants("REASONING_EFFORT_MAX = 'think hard'");
    EXPECT_FALSE(constants.effortAbsoluteMaximum);
    EXPECT_NE(constants.missingReason.find("does not hold"), std::string::npos);
    EXPECT_NE(loadChatConstants("/nowhere").missingReason.find("has no encoding/encoding_dsv4.py"), std::string::npos);
}

} // namespace
} // namespace bathy::tokenizer
