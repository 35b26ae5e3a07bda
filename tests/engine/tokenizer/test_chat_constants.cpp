#include "engine/tokenizer/chat_constants.h"

#include "engine/tokenizer/python_strings.h"

#include <gtest/gtest.h>

namespace bathy::tokenizer {
namespace {

using Strings = std::vector<std::string>;

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
