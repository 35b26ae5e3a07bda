// One snapshot as a file: what it is of, the tokens, which blocks hold their lasting rows, the recent rows, and the
// logits that must come out when the last token is fed again. Layout: docs/formats/snapshot.md. Pure code but for
// open(); any thread.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/mapped_file.h"
#include "engine/base/precision.h"
#include "engine/base/result.h"
#include "engine/snapshot/content_hash.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::snapshot {

// Raised whenever a state's bytes would mean something else, or the same tokens would give other ones.
inline constexpr int kStateLayout = 1;

// 16 hexadecimal digits; the same tokens under the same origin have the same id.
using SnapshotId = std::string;

// A state can go on only under the same ones.
struct Origin {
    std::string checkpoint; // its fingerprint
    std::string vocabulary; // the tokenizer's; empty: none
    Precision precision = Precision::Fast;
    KvFormat kvFormat = KvFormat::BF16; // never Auto
    std::vector<ExpertRef> bannedExperts;
};

struct Header {
    std::string name;  // given by the user; may be empty
    std::string model; // name of the checkpoint
    Origin origin;
    std::int64_t createdAt = 0;   // seconds since 1970, UTC
    std::int64_t blockTokens = 0; // tokens a block is of; the last one has fewer
};

struct Content {
    Header header;
    std::vector<TokenId> tokens;
    std::vector<ContentHash> blocks; // in the order of the tokens
    std::vector<std::byte> recent;
    std::vector<float> logits; // [vocabulary], of the token behind the last one
};

std::vector<std::byte> encode(const Content& content);

// A file that was opened: its head is checked, and that all parts are there.
class SnapshotFile {
public:
    // Errors: NotFound, Io, BadFile (breaks the format), Unsupported (of a later version).
    static Result<SnapshotFile> open(const std::filesystem::path& path);

    const Header& header() const { return m_header; }
    std::int64_t tokenCount() const { return m_tokenCount; }
    std::uint64_t bytes() const { return m_file.size(); }
    const std::filesystem::path& path() const { return m_file.path(); }
    const std::vector<ContentHash>& blocks() const { return m_blocks; }
    // Everything, checked against its hash. Errors: BadFile, Io.
    Result<Content> read() const;

private:
    explicit SnapshotFile(MappedFile file) : m_file(std::move(file)) {}

    MappedFile m_file;
    Header m_header;
    std::int64_t m_tokenCount = 0;
    std::vector<ContentHash> m_blocks;
};

// The whole of a file from its bytes; `name` stands for it in errors.
Result<Content> decode(std::span<const std::byte> bytes, std::string_view name);

} // namespace bathy::snapshot
