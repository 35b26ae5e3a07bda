#include "engine/checkpoint/safetensors_writer.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/data_extents.h"
#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>

using namespace bathy;
using namespace bathy::checkpoint;
using bathy::test::ScratchFolder;

TEST(SafetensorsWriter, header_isPaddedToEightBytes) {
    for (std::int64_t n = 0; n < 20; ++n)
        EXPECT_EQ(safetensorsHeader(std::vector<TensorPlan>{{"t", DType::F32, {n, n}}}).size() % 8, 0U);
}

TEST(SafetensorsWriter, whatIsWritten_readsBack) {
    ScratchFolder folder;
    const auto path = folder.path() / "x.safetensors";
    const std::vector<TensorPlan> plans{{"quote\"\\\n\xc3\xa9", DType::F8E4M3, {3}}, {"scalar", DType::I64, {}}};
    auto writer = SafetensorsWriter::create(path, plans);
    ASSERT_TRUE(writer);
    std::vector<std::byte> bytes(11);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = std::byte(i);
    ASSERT_TRUE(writer->append(std::span(bytes).first(5)));
    ASSERT_TRUE(writer->append(std::span(bytes).subspan(5)));
    ASSERT_TRUE(writer->finish());
    const auto checkpoint = Checkpoint::open(path);
    ASSERT_TRUE(checkpoint) << checkpoint.error().what();
    const auto view = checkpoint->find(plans[0].name);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->dtype, DType::F8E4M3);
    EXPECT_TRUE(std::equal(view->bytes.begin(), view->bytes.end(), bytes.begin()));
    EXPECT_EQ(checkpoint->find("scalar")->bytes[7], std::byte(10));
}

TEST(SafetensorsWriter, tooFewOrTooManyBytes_areErrors) {
    ScratchFolder folder;
    const std::vector<TensorPlan> plans{{"t", DType::U8, {4}}};
    auto writer = SafetensorsWriter::create(folder.path() / "x.safetensors", plans);
    ASSERT_TRUE(writer);
    EXPECT_FALSE(writer->append(std::vector<std::byte>(5)));
    ASSERT_TRUE(writer->append(std::vector<std::byte>(3)));
    EXPECT_FALSE(writer->finish());
}

TEST(SafetensorsWriter, missingFolder_isAnIoError) {
    const auto writer = SafetensorsWriter::create("/nonexistent/folder/x.safetensors", {});
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code(), ErrorCode::Io);
}

TEST(SafetensorsWriter, sparse_hasItsFullLengthAndNoData) {
    ScratchFolder folder;
    const auto path = folder.path() / "x.safetensors";
    const std::vector<TensorPlan> plans{{"big", DType::F32, {1 << 20, 1 << 14}}};
    auto writer = SafetensorsWriter::create(path, plans);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->finishSparse());
    const auto checkpoint = Checkpoint::open(path);
    ASSERT_TRUE(checkpoint) << checkpoint.error().what();
    EXPECT_EQ(checkpoint->tensorBytes(), std::uint64_t{1} << 36);
    const auto extents = dataExtents(path);
    ASSERT_FALSE(extents.empty());
    EXPECT_EQ(extents.front().begin, 0U);
    EXPECT_LT(extents.back().end, 1U << 20);
}
