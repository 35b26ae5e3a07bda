#include "app/models/checkpoint_texts.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <gtest/gtest.h>

namespace bathy::models {
namespace {

class CheckpointTextsTest : public ::testing::Test {
protected:
    void put(const char* name, const QByteArray& bytes) {
        QFile file(folder.filePath(QString::fromLatin1(name)));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    Result<QVector<SuggestedPrompt>> promptsOf(const QByteArray& json) {
        put("suggested_prompts.json", json);
        return readSuggestedPrompts(folder.path());
    }

    QTemporaryDir folder;
};

TEST_F(CheckpointTextsTest, Card_withFrontMatter_isShownWithout) {
    put("MODEL_CARD.md", "---\nlicense: mit\n---\n\n# nano\r\n\r\nSmall.\n");
    put("README.md", "not this one");
    EXPECT_EQ(readCheckpointTexts(folder.path()).card, QStringLiteral("# nano\n\nSmall."));
}

TEST_F(CheckpointTextsTest, Card_missing_readmeStandsIn_andAFileNamesItsFolder) {
    EXPECT_TRUE(readCheckpointTexts(folder.path()).card.isEmpty());
    put("README.md", "---\nnever closed");
    put("model.safetensors", "x");
    EXPECT_EQ(readCheckpointTexts(folder.filePath(QStringLiteral("model.safetensors"))).card,
              QStringLiteral("---\nnever closed"));
}

TEST_F(CheckpointTextsTest, Legal_files_comeInOrder_emptyOnesDoNot) {
    put("NOTICE", "made of other things");
    put("LICENSE.txt", "MIT");
    put("COPYING", " \n");
    const auto legal = readCheckpointTexts(folder.path()).legal;
    ASSERT_EQ(legal.size(), 2);
    EXPECT_EQ(legal.at(0).name, QStringLiteral("LICENSE.txt"));
    EXPECT_EQ(legal.at(1).text, QStringLiteral("made of other things"));
}

TEST_F(CheckpointTextsTest, Prompts_good_areReadInOrder) {
    const auto prompts = promptsOf(R"({"prompts": [{"title": "Sum", "text": "1 + 1?\n\t", "thinking": true, "later": 7},
                                                    {"title": "B", "text": "b"}], "version": 9})");
    ASSERT_TRUE(prompts) << prompts.error().what();
    EXPECT_EQ(*prompts, (QVector<SuggestedPrompt>{{QStringLiteral("Sum"), QStringLiteral("1 + 1?\n\t"), true},
                                                  {QStringLiteral("B"), QStringLiteral("b"), false}}));
}

TEST_F(CheckpointTextsTest, Prompts_absent_isNotFound) {
    EXPECT_EQ(readSuggestedPrompts(folder.path()).error().code(), ErrorCode::NotFound);
}

TEST_F(CheckpointTextsTest, Prompts_bad_nameFileAndField) {
    const QByteArray longTitle(kMaxPromptTitle + 1, 'x'), longText(kMaxPromptText + 1, 'x');
    const std::vector<std::pair<QByteArray, std::string>> cases{
        {"", "byte"},
        {"{", "byte"},
        {"[1]", "prompts "},
        {"{}", "prompts "},
        {R"({"prompts": {}})", "prompts "},
        {R"({"prompts": []})", "1 to 12"},
        {R"({"prompts": [)" + QByteArray(R"({"title": "a", "text": "b"},)").repeated(12) +
             R"({"title": "a", "text": "b"}]})",
         "1 to 12"},
        {R"({"prompts": [7]})", "prompts[0] is not an object"},
        {R"({"prompts": [{"title": "a", "text": "b"}, {"text": "b"}]})", "prompts[1].title is not a string"},
        {R"({"prompts": [{"title": 3, "text": "b"}]})", "prompts[0].title is not a string"},
        {R"({"prompts": [{"title": " ", "text": "b"}]})", "prompts[0].title is empty"},
        {R"({"prompts": [{"title": ")" + longTitle + R"(", "text": "b"}]})", "prompts[0].title is longer"},
        {R"({"prompts": [{"title": "a\nb", "text": "b"}]})", "prompts[0].title holds"},
        {R"({"prompts": [{"title": "a", "text": ")" + longText + R"("}]})", "prompts[0].text is longer"},
        {R"({"prompts": [{"title": "a", "text": "\u0000"}]})", "prompts[0].text holds"},
        {R"({"prompts": [{"title": "a", "text": "\u202e"}]})", "prompts[0].text holds"},
        {R"({"prompts": [{"title": "a", "text": "b", "thinking": 1}]})", "prompts[0].thinking"},
        {QByteArray(kMaxPromptsBytes + 1, ' '), "larger"},
    };
    for (const auto& [json, part] : cases) {
        const auto prompts = promptsOf(json);
        ASSERT_FALSE(prompts) << json.left(80).toStdString();
        EXPECT_EQ(prompts.error().code(), ErrorCode::BadFile);
        EXPECT_NE(prompts.error().what().find("suggested_prompts.json"), std::string::npos);
        EXPECT_NE(prompts.error().what().find(part), std::string::npos) << prompts.error().what();
    }
}

// Every checkpoint that this repository brings must suggest what the program can show.
TEST(BundledPrompts, AreValid) {
    for (const auto& folder : QDir(QStringLiteral(BATHY_SOURCE_DIR "/resources/checkpoints"))
                                  .entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const auto prompts = readSuggestedPrompts(folder.filePath());
        EXPECT_TRUE(prompts) << folder.filePath().toStdString() << ": " << prompts.error().what();
    }
}

} // namespace
} // namespace bathy::models
