#include "engine/device/disk_rate.h"

#ifdef __linux__
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>
#endif

namespace bathy::device {

#ifdef __linux__

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kReaders = 4;
constexpr std::uint64_t kBlockBytes = std::uint64_t{4} << 20;
constexpr std::size_t kAlignment = 4096; // of addresses, offsets and lengths; enough for every disk we know of
constexpr double kLongest = 2;           // seconds

struct Free {
    void operator()(std::byte* block) const { std::free(block); }
};
using Block = std::unique_ptr<std::byte, Free>;

class DirectFile {
public:
    static Result<DirectFile> open(const std::filesystem::path& path) {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
        if (descriptor >= 0)
            return DirectFile(descriptor);
        if (errno == EINVAL)
            return Error(ErrorCode::Unsupported,
                         path.string() + " lies where files are not read past the system's memory");
        return Error(errno == ENOENT ? ErrorCode::NotFound : ErrorCode::Io,
                     path.string() + ": " + std::strerror(errno));
    }
    DirectFile(DirectFile&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    DirectFile& operator=(DirectFile&&) = delete;
    ~DirectFile() {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    int descriptor() const { return m_descriptor; }

private:
    explicit DirectFile(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

// A block of one file.
struct Piece {
    int descriptor = -1;
    std::uint64_t offset = 0;
};

struct Progress {
    std::atomic<std::size_t> next = 0;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<int> failure = 0; // errno
};

// Takes piece after piece until there are none, the time is over or somebody stops it.
void readPieces(std::span<const Piece> pieces, Clock::time_point end, const std::stop_token& stop, Progress& progress) {
    const Block block(static_cast<std::byte*>(std::aligned_alloc(kAlignment, kBlockBytes)));
    if (!block) {
        progress.failure = ENOMEM;
        return;
    }
    while (Clock::now() < end && !stop.stop_requested() && progress.failure == 0) {
        const auto index = progress.next++;
        if (index >= pieces.size())
            return;
        const auto got =
            ::pread(pieces[index].descriptor, block.get(), kBlockBytes, static_cast<off_t>(pieces[index].offset));
        if (got < 0)
            progress.failure = errno;
        else
            progress.bytes += static_cast<std::uint64_t>(got);
    }
}

} // namespace

Result<DiskRate> measureDiskRate(std::span<const std::filesystem::path> files, std::uint64_t limitBytes,
                                 const std::stop_token& stop) {
    std::vector<DirectFile> open;
    std::vector<Piece> pieces;
    for (const auto& file : files) {
        BATHY_TRY(auto direct, DirectFile::open(file));
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        for (std::uint64_t at = 0; !error && at < size && pieces.size() * kBlockBytes < limitBytes; at += kBlockBytes)
            pieces.push_back({direct.descriptor(), at});
        open.push_back(std::move(direct));
    }
    Progress progress;
    const auto began = Clock::now();
    const auto end = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kLongest));
    {
        std::vector<std::jthread> readers;
        for (int i = 0; i < kReaders; ++i)
            readers.emplace_back([&] { readPieces(pieces, end, stop, progress); });
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    if (stop.stop_requested())
        return cancelled();
    if (progress.failure == EINVAL)
        return Error(ErrorCode::Unsupported, "the files lie where they are not read past the system's memory");
    if (progress.failure != 0)
        return Error(ErrorCode::Io, std::string("reading the files: ") + std::strerror(progress.failure));
    return DiskRate{static_cast<double>(progress.bytes) / seconds, progress.bytes, kReaders, kBlockBytes};
}

#else

Result<DiskRate> measureDiskRate(std::span<const std::filesystem::path> /*files*/, std::uint64_t /*limitBytes*/,
                                 const std::stop_token& /*stop*/) {
    return Error(ErrorCode::Unsupported, "this system is not asked to read past its memory");
}

#endif

} // namespace bathy::device
