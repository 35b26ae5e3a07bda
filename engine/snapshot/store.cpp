#include "engine/snapshot/store.h"

#include "engine/base/durable_file.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>

namespace bathy::snapshot {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestBlock = std::uint64_t{16} << 20;
constexpr std::int64_t kFewestBlockTokens = 128;
constexpr std::chrono::hours kUnfinishedAge{1};
constexpr const char* kEnding = ".snapshot";
constexpr const char* kReadAgain = "delete this snapshot; its conversation is read again from its text";

SnapshotId idOf(const Content& content) {
    const auto& origin = content.header.origin;
    auto text = origin.checkpoint + '/' + origin.vocabulary + '/' + std::to_string(static_cast<int>(origin.precision)) +
                '/' + std::to_string(static_cast<int>(origin.kvFormat)) + '/' + std::to_string(kStateLayout);
    for (const auto& ban : origin.bannedExperts)
        text += '/' + std::to_string(raw(ban.layer)) + ':' + std::to_string(raw(ban.expert));
    const std::array<std::span<const std::byte>, 2> parts{std::as_bytes(std::span(text)),
                                                          std::as_bytes(std::span(content.tokens))};
    return hexOf(hashOf(parts)).substr(0, 16);
}

bool isId(const std::string& text) {
    return text.size() == 16 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c); });
}

struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

// Of the blocks that so many tokens are cut into.
std::vector<Range> blockRanges(std::int64_t tokens, std::int64_t blockTokens) {
    std::vector<Range> ranges;
    for (std::int64_t begin = 0; begin < tokens; begin += blockTokens)
        ranges.push_back({begin, std::min(begin + blockTokens, tokens)});
    return ranges;
}

bool olderThan(const fs::directory_entry& entry, std::chrono::seconds age) {
    std::error_code ec;
    const auto written = entry.last_write_time(ec);
    return !ec && fs::file_time_type::clock::now() - written >= age;
}

} // namespace

Result<Store> Store::open(const fs::path& folder, Options options) {
    BATHY_CHECK(createPrivateFolder(folder / "blocks"));
    return Store(folder, options);
}

std::int64_t Store::blockTokens(const model::SequenceState& state) const {
    auto tokens = m_options.blockTokens;
    while (tokens > kFewestBlockTokens && state.lastingBytes(0, tokens) > kLargestBlock)
        tokens /= 2;
    return tokens;
}

Result<std::uint64_t> Store::keepBlock(const ContentHash& hash, std::span<const std::byte> rows) const {
    const auto path = blockOf(hash);
    std::error_code ec;
    if (fs::file_size(path, ec) == rows.size() && !ec) {
        fs::last_write_time(path, fs::file_time_type::clock::now(), ec); // keeps a sweep away
        if (!ec)
            return std::uint64_t{0};
    }
    BATHY_CHECK(writeDurably(path, std::span(&rows, 1)));
    return std::uint64_t{rows.size()};
}

Result<Saved> Store::save(const model::SequenceState& state, Content content, const std::stop_token& stop,
                          const BlockProgress& progress) const {
    if (content.tokens.empty() || std::ssize(content.tokens) != state.length())
        return Error(ErrorCode::BadArgument, "a snapshot of " + std::to_string(content.tokens.size()) +
                                                 " tokens of a state that has " + std::to_string(state.length()));
    content.header.blockTokens = blockTokens(state);
    Saved saved;
    const auto total = state.lastingBytes(0, state.length());
    for (const auto& block : blockRanges(state.length(), content.header.blockTokens)) {
        if (stop.stop_requested())
            return cancelled();
        BATHY_TRY(const auto rows, state.lastingRows(block.begin, block.end));
        content.blocks.push_back(hashOf(rows));
        BATHY_TRY(const auto written, keepBlock(content.blocks.back(), rows));
        saved.bytes += rows.size();
        saved.newBytes += written;
        if (progress)
            progress(saved.bytes, total);
    }
    BATHY_TRY(content.recent, state.recentRows());
    saved.id = idOf(content);
    saved.file = fileOf(saved.id);
    const auto bytes = encode(content);
    const std::span<const std::byte> part = bytes;
    BATHY_CHECK(writeDurably(saved.file, std::span(&part, 1)));
    saved.bytes += bytes.size();
    saved.newBytes += bytes.size();
    return saved;
}

std::uint64_t Store::bytesOf(const SnapshotFile& file) const {
    auto bytes = file.bytes();
    for (const auto& block : file.blocks()) {
        std::error_code ec;
        const auto size = fs::file_size(blockOf(block), ec);
        bytes += ec ? 0 : size;
    }
    return bytes;
}

Result<std::vector<Listed>> Store::list() const {
    std::vector<Listed> all;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(m_folder, ec)) {
        const auto id = entry.path().stem().string();
        if (entry.path().extension() != kEnding || !isId(id))
            continue;
        Listed listed{id, entry.path(), {}, 0, 0, {}};
        if (const auto file = SnapshotFile::open(entry.path())) {
            listed.header = file->header();
            listed.tokens = file->tokenCount();
            listed.bytes = bytesOf(*file);
        } else {
            std::error_code none; // it may be gone already
            const auto size = entry.file_size(none);
            listed.bytes = none ? 0 : size;
            listed.problem = file.error();
        }
        all.push_back(std::move(listed));
    }
    if (ec)
        return Error(ErrorCode::Io, "cannot read " + m_folder.string() + ": " + ec.message());
    std::sort(all.begin(), all.end(), [](const Listed& a, const Listed& b) {
        return a.header.createdAt != b.header.createdAt ? a.header.createdAt > b.header.createdAt : a.id < b.id;
    });
    return all;
}

Result<Listed> Store::find(const std::string& idOrName) const {
    BATHY_TRY(auto all, list());
    std::erase_if(all, [&](const Listed& listed) {
        return listed.header.name != idOrName && (idOrName.size() < 4 || !listed.id.starts_with(idOrName));
    });
    if (all.empty())
        return Error(ErrorCode::NotFound, "no snapshot in " + m_folder.string() + " is called " + idOrName,
                     "bathy snapshot list shows what there is");
    if (all.size() > 1)
        return Error(ErrorCode::BadArgument, std::to_string(all.size()) + " snapshots are called " + idOrName,
                     "name one by its id: " + all[0].id + ", " + all[1].id);
    return std::move(all.front());
}

Result<void> Store::restoreBlock(const ContentHash& hash, std::int64_t begin, std::int64_t end,
                                 model::SequenceState& state) const {
    const auto path = blockOf(hash);
    auto block = MappedFile::open(path);
    if (!block && block.error().code() == ErrorCode::NotFound)
        return Error(ErrorCode::BadFile, "block " + path.string() + " is missing", kReadAgain);
    if (!block)
        return block.error();
    auto restored = hashOf(block->bytes()) == hash
                        ? state.restoreLasting(begin, end, block->bytes())
                        : Result<void>(Error(ErrorCode::BadFile, "its content does not match its checksum"));
    if (restored && !block->intact())
        restored = Error(ErrorCode::BadFile, "it was cut off while it was read");
    if (restored || restored.error().code() != ErrorCode::BadFile)
        return restored;
    std::error_code ec;
    fs::remove(path, ec); // worthless; the next save writes it again
    return Error(ErrorCode::BadFile, "block " + path.string() + ": " + restored.error().what(), kReadAgain);
}

Result<Restored> Store::load(const fs::path& path, model::Model& model, model::StateOptions options,
                             const std::stop_token& stop, const BlockProgress& progress) const {
    BATHY_TRY(const auto file, SnapshotFile::open(path));
    Restored restored;
    BATHY_TRY(restored.content, file.read());
    const auto& content = restored.content;
    options.precision = content.header.origin.precision;
    options.kvFormat = content.header.origin.kvFormat;
    BATHY_TRY(restored.state, model.createState(options));
    auto& state = *restored.state;
    const auto length = file.tokenCount();
    const auto total = state.lastingBytes(0, length);
    std::size_t next = 0;
    std::uint64_t done = 0;
    for (const auto& block : blockRanges(length, content.header.blockTokens)) {
        if (stop.stop_requested())
            return cancelled();
        BATHY_CHECK(restoreBlock(content.blocks[next++], block.begin, block.end, state));
        done += state.lastingBytes(block.begin, block.end);
        if (progress)
            progress(done, total);
    }
    if (auto recent = state.restoreRecent(length, content.recent); !recent)
        return std::move(recent.error()).withContext(path.string());
    restored.bytes = file.bytes() + done;
    return restored;
}

Result<void> Store::remove(const SnapshotId& id) const {
    std::error_code ec;
    if (!isId(id) || !fs::remove(fileOf(id), ec)) {
        if (ec)
            return Error(ErrorCode::Io, "cannot delete " + fileOf(id).string() + ": " + ec.message());
        return Error(ErrorCode::NotFound, "no snapshot in " + m_folder.string() + " has the id " + id);
    }
    sweep();
    return {};
}

std::uint64_t Store::sweep() const {
    const auto all = list();
    if (!all)
        return 0;
    std::set<std::string> needed;
    for (const auto& listed : *all) {
        const auto file = SnapshotFile::open(listed.file);
        if (!file && file.error().code() != ErrorCode::BadFile)
            return 0; // of a later version, perhaps: what it needs is not known
        if (file)
            for (const auto& block : file->blocks())
                needed.insert(hexOf(block));
    }
    std::uint64_t freed = 0;
    const auto drop = [&](const fs::directory_entry& entry) {
        std::error_code ec;
        const auto bytes = entry.file_size(ec);
        if (fs::remove(entry.path(), ec))
            freed += bytes;
    };
    std::error_code ec;
    for (const auto& folder : {m_folder, m_folder / "blocks"})
        for (const auto& entry : fs::directory_iterator(folder, ec)) {
            const bool unfinished = entry.path().extension() == kUnfinishedEnding;
            if (unfinished && olderThan(entry, kUnfinishedAge))
                drop(entry);
            else if (!unfinished && folder != m_folder && !needed.contains(entry.path().filename().string()) &&
                     olderThan(entry, m_options.grace))
                drop(entry);
        }
    return freed;
}

} // namespace bathy::snapshot
