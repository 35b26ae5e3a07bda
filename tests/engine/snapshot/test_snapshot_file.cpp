// The file of a snapshot: what is written comes back, and whatever is not what was written is refused.
#include "engine/snapshot/snapshot_file.h"
#include "tests/engine/snapshot/snapshot_sample.h"
#include "tests/support/scratch_folder.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bathy::snapshot::test {
namespace {

using testing::HasSubstr;

TEST(SnapshotFile, everythingWritten_comesBack) {
    const auto content = sampleContent();
    const auto read = decode(encode(content), "it");
    ASSERT_TRUE(read) << read.error().what();
    EXPECT_EQ(read->header.name, content.header.name);
    EXPECT_EQ(read->header.model, content.header.model);
    EXPECT_EQ(read->header.origin.checkpoint, content.header.origin.checkpoint);
    EXPECT_EQ(read->header.origin.vocabulary, content.header.origin.vocabulary);
    EXPECT_EQ(read->header.origin.precision, content.header.origin.precision);
    EXPECT_EQ(read->header.origin.kvFormat, content.header.origin.kvFormat);
    EXPECT_EQ(read->header.origin.bannedExperts, content.header.origin.bannedExperts);
    EXPECT_EQ(read->header.createdAt, content.header.createdAt);
    EXPECT_EQ(read->header.blockTokens, content.header.blockTokens);
    EXPECT_EQ(read->tokens, content.tokens);
    EXPECT_EQ(read->blocks, content.blocks);
    EXPECT_EQ(read->recent, content.recent);
    EXPECT_EQ(read->logits, content.logits);
}

TEST(SnapshotFile, anyFlippedBit_isRefused) {
    const auto good = encode(sampleContent());
    for (std::size_t at = 0; at < good.size(); ++at) {
        auto bad = good;
        bad[at] ^= std::byte{static_cast<unsigned char>(1U << (at % 8))};
        ASSERT_FALSE(decode(bad, "it")) << "byte " << at;
    }
}

TEST(SnapshotFile, anyOtherLength_isRefusedAndTheErrorNamesTheFile) {
    const auto good = encode(sampleContent());
    for (std::size_t length = 0; length < good.size(); ++length) {
        const auto read = decode(std::span(good).first(length), "/snapshots/it");
        ASSERT_FALSE(read) << "length " << length;
        EXPECT_THAT(read.error().what(), HasSubstr("/snapshots/it"));
    }
    auto longer = good;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(decode(longer, "it"));
}

TEST(SnapshotFile, aSizeThatCannotBe_isRefusedBeforeAnythingIsTaken) {
    const auto good = encode(sampleContent());
    for (std::size_t field = 16; field < 56; field += 8)
        for (const auto size : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 62, std::uint64_t{1} << 40}) {
            auto bad = good;
            std::memcpy(bad.data() + field, &size, sizeof size);
            const auto read = decode(bad, "it");
            ASSERT_FALSE(read) << "field at " << field << ", " << size;
            EXPECT_EQ(read.error().code(), ErrorCode::BadFile);
        }
}

TEST(SnapshotFile, anotherVersion_isUnsupportedNotBroken) {
    auto bytes = encode(sampleContent());
    bytes[8] = std::byte{2};
    EXPECT_EQ(decode(bytes, "it").error().code(), ErrorCode::Unsupported);
}

TEST(SnapshotFile, wordsOfALaterVersion_areUnsupportedNotBroken) {
    auto content = sampleContent();
    content.header.origin.kvFormat = KvFormat::Auto; // never that of a state
    const auto read = decode(encode(content), "it");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::Unsupported);
}

TEST(SnapshotFile, blocksThatAreNotThoseOfTheTokens_areRefused) {
    auto content = sampleContent();
    content.blocks.pop_back();
    const auto read = decode(encode(content), "it");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().what(), HasSubstr("blocks"));
}

TEST(SnapshotFile, opened_knowsItsHeadWithoutReadingTheRest) {
    const bathy::test::ScratchFolder folder;
    auto bytes = encode(sampleContent());
    bytes.back() ^= std::byte{1}; // of the logits
    const auto path = folder.write("it.snapshot", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto file = SnapshotFile::open(path);
    ASSERT_TRUE(file) << file.error().what();
    EXPECT_EQ(file->tokenCount(), 9);
    EXPECT_EQ(file->blocks().size(), 3u);
    EXPECT_FALSE(file->read());
}

} // namespace
} // namespace bathy::snapshot::test
