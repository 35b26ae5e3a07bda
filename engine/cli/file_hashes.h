// SHA-256 of a checkpoint's files, beside what whoever published them says it should be.
#pragma once

#include "engine/base/result.h"
#include "engine/base/thread_pool.h"
#include "engine/checkpoint/checkpoint.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::cli {

struct FileHash {
    std::string file;     // name in the checkpoint's folder
    std::string sha256;   // as it is
    std::string expected; // as published; empty where nothing says it
    std::string source;   // what says it: "SHA256SUMS", "Hugging Face cache", "Hugging Face download record"

    bool wrong() const { return !expected.empty() && expected != sha256; }
};

// Every shard and, where the folder has them, config.json and tokenizer.json; several files at a time. Where a hash is
// published: a line "HASH  NAME" of SHA256SUMS in the folder; the name of the blob that a file of the Hugging Face
// cache links to; the record that a Hugging Face download leaves in .cache/huggingface/download. `progress` hears bytes
// read and in all, on the calling thread. Errors: Io (the file is named), Cancelled.
Result<std::vector<FileHash>> hashFiles(const checkpoint::Checkpoint& checkpoint, ThreadPool& pool,
                                        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress,
                                        const std::stop_token& stop);

} // namespace bathy::cli
