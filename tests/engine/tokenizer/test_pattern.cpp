#include "engine/tokenizer/pattern.h"

#include <gtest/gtest.h>

namespace bathy::tokenizer {
namespace {

TEST(Pattern, translate_whereTheDialectsDiffer_rewrites) {
    EXPECT_EQ(*translatePattern(R"(\s+(?!\S))"), R"(\p{White_Space}+(?!\P{White_Space}))");
    EXPECT_EQ(*translatePattern(R"([^\s\d])"), R"([^\p{White_Space}\p{Nd}])");
    EXPECT_EQ(*translatePattern("^a$"), "(?m:^)a(?m:$)");
    EXPECT_EQ(*translatePattern(R"(\v)"), R"(\x0b)");
}

TEST(Pattern, translate_whereTheyAgree_copies) {
    for (const char* same :
         {R"(\p{N}{1,3})", "[一-龥]+", R"((?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+| ?[\p{P}\p{S}]+[\r\n]*)",
          R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+)", "a{2}b{3,}c?d*?e++", "(?<=x)(?<!y)(?>z)"})
        EXPECT_EQ(*translatePattern(same), same);
}

TEST(Pattern, translate_whatIsUnknown_isRefusedByName) {
    for (const char* bad : {R"(\w+)", R"(\b)",       R"(\p{Han})", R"(\pL)",  R"(\p{)", R"(\X)",    R"((a)\1)",
                            "[a&&b]", "[[:alpha:]]", "[]a]",       "(*UTF)a", "(?R)",   "(?P<n>a)", "(?i)a",
                            "a{,3}",  "a{1}+",       "a{x}",       "[a",      "\\",     "{",        R"(\u4e00)"}) {
        const auto result = translatePattern(bad);
        ASSERT_FALSE(result) << bad;
        EXPECT_EQ(result.error().code(), ErrorCode::Unsupported);
        EXPECT_NE(result.error().what().find("at byte"), std::string::npos);
    }
}

TEST(Pattern, literal_specialCharacters_areEscaped) {
    EXPECT_EQ(literalPattern("a.b é"), "a\\.b\\ é");
}

} // namespace
} // namespace bathy::tokenizer
