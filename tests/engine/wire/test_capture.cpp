#include "engine/wire/capture.h"

#include "tests/engine/wire/sample_messages.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

namespace bathy::wire {
namespace {

class Capture : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(m_path); }

    void writeAll(bool finish) {
        auto writer = CaptureWriter::create(m_path, "test");
        ASSERT_TRUE(writer.has_value()) << writer.error().what();
        for (const auto& event : sampleEvents())
            ASSERT_TRUE(writer->write(event).has_value());
        if (finish)
            ASSERT_TRUE(writer->finish().has_value());
    }
    Bytes fileBytes() const {
        std::ifstream file(m_path, std::ios::binary);
        return {(std::istreambuf_iterator<char>(file)), {}};
    }
    static void expectSamples(const CaptureReader& reader) {
        const auto events = sampleEvents();
        ASSERT_EQ(reader.eventCount(), events.size());
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto event = reader.read(i);
            ASSERT_TRUE(event.has_value()) << event.error().what();
            EXPECT_EQ(encode(*event).value(), encode(events[i]).value());
        }
    }

    std::filesystem::path m_path =
        std::filesystem::path(testing::TempDir()) / ("capture_" + std::to_string(getpid()) + ".bathycap");
};

TEST_F(Capture, Finished_comesBackWholeWithIndex) {
    writeAll(true);
    const auto reader = CaptureReader::open(m_path);
    ASSERT_TRUE(reader.has_value()) << reader.error().what();
    EXPECT_TRUE(reader->indexed());
    EXPECT_EQ(reader->build(), "test");
    expectSamples(*reader);
}

TEST_F(Capture, Unfinished_isReadableWithoutIndex) {
    writeAll(false);
    const auto reader = CaptureReader::open(m_path);
    ASSERT_TRUE(reader.has_value()) << reader.error().what();
    EXPECT_FALSE(reader->indexed());
    expectSamples(*reader);
}

TEST_F(Capture, EveryCutOfAnUnfinishedFile_givesWhatIsWhole) {
    writeAll(false);
    const auto bytes = fileBytes();
    std::size_t last = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto reader = CaptureReader::fromBytes(std::span(bytes).first(size), "cut");
        if (!reader)
            continue;
        EXPECT_GE(reader->eventCount(), last);
        last = reader->eventCount();
        for (std::size_t i = 0; i < last; ++i)
            EXPECT_TRUE(reader->read(i).has_value());
    }
    EXPECT_EQ(last, sampleEvents().size() - 1);
}

TEST_F(Capture, EveryCutOfAFinishedFile_isRefused) {
    writeAll(true);
    const auto bytes = fileBytes();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(CaptureReader::fromBytes(std::span(bytes).first(size), "cut").has_value()) << size;
}

TEST_F(Capture, FullDisk_isAnError) {
    if (!std::filesystem::exists("/dev/full"))
        GTEST_SKIP() << "this system has no /dev/full";
    auto writer = CaptureWriter::create("/dev/full", "test");
    ASSERT_TRUE(writer.has_value());
    const auto result = writer->write(sampleEvents().front());
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code(), ErrorCode::Io);
}

// The corpus has one file per rule; those named good_ must open, all others must be refused at once or at a frame.
TEST_F(Capture, CorpusFiles_areAcceptedOrRefusedAsNamed) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(BATHY_SOURCE_DIR "/tests/fuzz/corpus/capture")) {
        const auto name = entry.path().filename().string();
        const auto reader = CaptureReader::open(entry.path());
        bool accepted = reader.has_value();
        for (std::size_t i = 0; accepted && i < reader->eventCount(); ++i)
            accepted = reader->read(i).has_value();
        EXPECT_EQ(accepted, name.starts_with("good_")) << name;
        if (!reader)
            EXPECT_THAT(reader.error().what(), testing::HasSubstr(name)) << "an error names its file";
        ++files;
    }
    EXPECT_GE(files, 20);
}

} // namespace
} // namespace bathy::wire
