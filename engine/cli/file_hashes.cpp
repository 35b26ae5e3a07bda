#include "engine/cli/file_hashes.h"

#include "engine/base/sha256.h"
#include "engine/base/text_file.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::cli {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20; // read between two looks at the stop token
constexpr std::uint64_t kMaxRecordBytes = 1'000'000;

bool isSha256(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(),
                                            [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<fs::path> filesOf(const checkpoint::Checkpoint& checkpoint) {
    std::vector<fs::path> files;
    for (const auto& shard : checkpoint.shards())
        files.push_back(shard.path);
    for (const char* name : {"config.json", "tokenizer.json"}) {
        std::error_code ec;
        if (fs::is_regular_file(checkpoint.folder() / name, ec))
            files.push_back(checkpoint.folder() / name);
    }
    return files;
}

void expectFromSums(const fs::path& folder, FileHash& hash) {
    const auto text = readTextFile(folder / "SHA256SUMS", kMaxRecordBytes);
    if (!text)
        return;
    std::istringstream lines(*text);
    for (std::string sum, name; lines >> sum >> name;)
        if (isSha256(sum) && (name == hash.file || name == "*" + hash.file)) {
            hash.expected = sum;
            hash.source = "SHA256SUMS";
        }
}

void expectFromCache(const fs::path& file, FileHash& hash) {
    std::error_code ec;
    const auto blob = fs::read_symlink(file, ec).filename().string();
    if (ec || !isSha256(blob))
        return;
    hash.expected = blob;
    hash.source = "Hugging Face cache";
}

// Three lines: the commit, the file's hash, the time. Small files have another kind of hash there.
void expectFromDownload(const fs::path& folder, FileHash& hash) {
    const auto text =
        readTextFile(folder / ".cache" / "huggingface" / "download" / (hash.file + ".metadata"), kMaxRecordBytes);
    std::string commit;
    std::string sum;
    if (!text || !(std::istringstream(*text) >> commit >> sum) || !isSha256(sum))
        return;
    hash.expected = sum;
    hash.source = "Hugging Face download record";
}

FileHash expectation(const fs::path& file) {
    FileHash hash;
    hash.file = file.filename().string();
    expectFromSums(file.parent_path(), hash);
    if (hash.expected.empty())
        expectFromCache(file, hash);
    if (hash.expected.empty())
        expectFromDownload(file.parent_path(), hash);
    return hash;
}

// False: the file cannot be read.
template <class Heard>
bool hashFile(const fs::path& file, const std::stop_token& stop, const Heard& heard, std::string& sha256) {
    std::ifstream stream(file, std::ios::binary);
    std::vector<char> piece(kPiece);
    Sha256 hash;
    while (stream && !stop.stop_requested()) {
        stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto got = static_cast<std::size_t>(stream.gcount());
        hash.update(std::as_bytes(std::span(piece).first(got)));
        heard(got);
    }
    sha256 = hash.finish();
    return stream.eof() || stop.stop_requested();
}

} // namespace

Result<std::vector<FileHash>> hashFiles(const checkpoint::Checkpoint& checkpoint, ThreadPool& pool,
                                        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                                        const std::stop_token& stop) {
    const auto files = filesOf(checkpoint);
    std::vector<FileHash> hashes;
    std::uint64_t total = 0;
    for (const auto& file : files) {
        hashes.push_back(expectation(file));
        std::error_code ec;
        total += fs::file_size(file, ec);
    }
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> unreadable{files.size()};
    // Files differ in size: each thread takes the next one when it is free. The first worker is the calling thread.
    const auto threads = static_cast<std::size_t>(pool.threadCount());
    pool.parallelFor(threads, 1, [&](std::size_t, std::size_t, int worker) {
        for (auto i = next++; i < files.size() && !stop.stop_requested(); i = next++) {
            const auto heard = [&](std::size_t bytes) {
                done += bytes;
                if (worker == 0)
                    progress(done, total);
            };
            if (!hashFile(files[i], stop, heard, hashes[i].sha256))
                unreadable = i;
        }
    });
    if (stop.stop_requested())
        return cancelled();
    if (unreadable < files.size())
        return Error(ErrorCode::Io, files[unreadable].string() + " cannot be read");
    return hashes;
}

} // namespace bathy::cli
