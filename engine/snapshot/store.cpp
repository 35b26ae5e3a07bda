#include "engine/snapshot/store.h"

#include "engine/base/durable_file.h"
#include "engine/base/system_memory.h"

#include <algorithm>
#include <set>
#include <system_error>

namespace bathy::snapshot {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestBlock = std::uint64_t{16} << 20;
constexpr std::int64_t kFewestBlockTokens = 128;
constexpr std::chrono::hours kUnfinishedAge{1};
constexpr std::size_t kLongestName = 1000;
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

bool isHex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool isId(std::string_view text) {
    return isHex(text, 16);
}

bool isBlockName(std::string_view text) {
    return isHex(text, 32);
}

// What writeDurably leaves beside a block or a snapshot when it is interrupted, and nobody else's files.
bool isUnfinished(std::string_view name) {
    return name.ends_with(kUnfinishedEnding) &&
           (isBlockName(name.substr(0, name.find('.'))) || isId(name.substr(0, name.find('.'))));
}

// The files of a folder; empty where there is none. Errors: Io.
Result<std::vector<fs::directory_entry>> filesIn(const fs::path& folder) {
    std::vector<fs::directory_entry> files;
    std::error_code ec;
    for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code none;
        if (at->is_regular_file(none))
            files.push_back(*at);
    }
    if (ec && ec != std::errc::no_such_file_or_directory)
        return Error(ErrorCode::Io, "cannot read " + folder.string() + ": " + ec.message());
    return files;
}

Result<std::vector<fs::path>> snapshotsIn(const fs::path& folder) {
    BATHY_TRY(const auto files, filesIn(folder));
    std::vector<fs::path> snapshots;
    for (const auto& entry : files)
        if (entry.path().extension() == kEnding && isId(entry.path().stem().string()))
            snapshots.push_back(entry.path());
    return snapshots;
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
    const auto written = fs::last_write_time(entry.path(), ec); // now, not when the folder was listed
    return !ec && fs::file_time_type::clock::now() - written >= age;
}

} // namespace

std::int64_t Store::blockTokens(const model::SequenceState& state) const {
    auto tokens = m_options.blockTokens;
    while (tokens > kFewestBlockTokens && state.lastingBytes(0, tokens) > kLargestBlock)
        tokens /= 2;
    return tokens;
}

bool Store::touchBlock(const ContentHash& hash, std::uint64_t bytes) const {
    std::error_code ec;
    const auto path = blockOf(hash);
    const auto size = fs::file_size(path, ec);
    if (ec || size != bytes)
        return false;
    fs::last_write_time(path, fs::file_time_type::clock::now(), ec);
    return !ec;
}

Result<std::uint64_t> Store::keepBlock(const ContentHash& hash, std::span<const std::byte> rows) const {
    if (touchBlock(hash, rows.size()))
        return std::uint64_t{0};
    BATHY_CHECK(writeDurably(blockOf(hash), std::span(&rows, 1)));
    return std::uint64_t{rows.size()};
}

Result<Saved> Store::save(const model::SequenceState& state, Content content, const std::stop_token& stop,
                          const BlockProgress& progress) const {
    if (content.tokens.empty() || std::ssize(content.tokens) != state.length())
        return Error(ErrorCode::BadArgument, "a snapshot of " + std::to_string(content.tokens.size()) +
                                                 " tokens of a state that has " + std::to_string(state.length()));
    if (content.header.name.size() > kLongestName)
        return Error(ErrorCode::BadArgument,
                     "the name of a snapshot has at most " + std::to_string(kLongestName) + " bytes");
    BATHY_CHECK(createPrivateFolder(m_folder / "blocks"));
    content.header.blockTokens = blockTokens(state);
    Saved saved;
    const auto total = state.lastingBytes(0, state.length());
    const auto ranges = blockRanges(state.length(), content.header.blockTokens);
    for (const auto& block : ranges) {
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
    // Writing may have taken longer than others leave blocks alone that nothing names.
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        if (touchBlock(content.blocks[i], state.lastingBytes(ranges[i].begin, ranges[i].end)))
            continue;
        BATHY_TRY(const auto rows, state.lastingRows(ranges[i].begin, ranges[i].end));
        BATHY_CHECK(keepBlock(content.blocks[i], rows));
    }
    saved.id = idOf(content);
    saved.file = fileOf(saved.id);
    const auto bytes = encode(content);
    const std::span<const std::byte> part = bytes;
    BATHY_CHECK(writeDurably(saved.file, std::span(&part, 1)));
    saved.bytes += bytes.size();
    saved.newBytes += bytes.size();
    sweep();
    return saved;
}

Result<Usage> Store::usage() const {
    BATHY_TRY(const auto snapshots, snapshotsIn(m_folder));
    Usage usage(m_folder / "blocks");
    for (const auto& path : snapshots)
        usage.add(path, SnapshotFile::open(path));
    return usage;
}

Result<std::uint64_t> Store::bytes() const {
    BATHY_TRY(const auto all, usage());
    return all.bytes();
}

Result<std::vector<SnapshotId>> Store::trim(std::span<const SnapshotId> ids, std::uint64_t keepBytes) const {
    BATHY_TRY(auto left, usage());
    std::vector<SnapshotId> gone;
    for (const auto& id : ids) {
        if (left.bytes() <= keepBytes)
            break;
        if (!left.has(id))
            continue;
        BATHY_CHECK(removeFile(id));
        left.drop(id);
        gone.push_back(id);
    }
    if (!gone.empty())
        sweep();
    return gone;
}

Result<std::vector<Listed>> Store::list() const {
    std::vector<Listed> all;
    BATHY_TRY(const auto snapshots, snapshotsIn(m_folder));
    Usage usage(m_folder / "blocks");
    for (const auto& path : snapshots) {
        const auto file = SnapshotFile::open(path);
        Listed listed{path.stem().string(), path, {}, 0, usage.add(path, file), {}};
        if (file) {
            listed.header = file->header();
            listed.tokens = file->tokenCount();
        } else {
            listed.problem = file.error();
        }
        all.push_back(std::move(listed));
    }
    std::sort(all.begin(), all.end(), [](const Listed& a, const Listed& b) {
        return a.header.createdAt != b.header.createdAt ? a.header.createdAt > b.header.createdAt : a.id < b.id;
    });
    return all;
}

Result<Listed> Store::find(const std::string& idOrName) const {
    if (idOrName.empty())
        return Error(ErrorCode::BadArgument, "the name of a snapshot is empty");
    BATHY_TRY(auto all, list());
    const auto exact = std::find_if(all.begin(), all.end(), [&](const Listed& l) { return l.id == idOrName; });
    if (exact != all.end())
        return *exact;
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
    const bool same = hashOf(block->bytes()) == hash;
    auto restored = same ? state.restoreLasting(begin, end, block->bytes())
                         : Result<void>(Error(ErrorCode::BadFile, "its content does not match its name"));
    if (!block->intact()) // a disk that cannot be read now says nothing of what lies on it
        return Error(ErrorCode::Io, "block " + path.string() + " could not be read to its end");
    if (!same) {
        std::error_code ec;
        fs::remove(path, ec); // worthless; the next save writes it again
    }
    if (!restored && restored.error().code() == ErrorCode::BadFile)
        return Error(ErrorCode::BadFile, "block " + path.string() + ": " + restored.error().what(), kReadAgain);
    return restored;
}

Result<Restored> Store::load(const SnapshotFile& file, model::Model& model, model::StateOptions options,
                             const std::stop_token& stop, const BlockProgress& progress) const {
    Restored restored;
    BATHY_TRY(restored.content, file.read());
    const auto& content = restored.content;
    options.precision = content.header.origin.precision;
    options.kvFormat = content.header.origin.kvFormat;
    BATHY_TRY(restored.state, model.createState(options));
    auto& state = *restored.state;
    const auto length = static_cast<std::int64_t>(content.tokens.size());
    if (length > state.contextLimit())
        return Error(ErrorCode::ContextFull,
                     file.path().string() + " has " + std::to_string(length) + " tokens; the session holds " +
                         std::to_string(state.contextLimit()),
                     "choose a longer context");
    const auto total = state.lastingBytes(0, length);
    BATHY_CHECK(requireMemory("the stored conversation", total + 2 * content.recent.size()));
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
        return std::move(recent.error()).withContext(file.path().string());
    restored.bytes = file.bytes() + done;
    return restored;
}

Result<bool> Store::removeFile(const SnapshotId& id) const {
    std::error_code ec;
    const bool was = isId(id) && fs::remove(fileOf(id), ec);
    if (ec)
        return Error(ErrorCode::Io, "cannot delete " + fileOf(id).string() + ": " + ec.message());
    return was;
}

Result<void> Store::remove(const SnapshotId& id) const {
    BATHY_TRY(const bool was, removeFile(id));
    if (!was)
        return Error(ErrorCode::NotFound, "no snapshot in " + m_folder.string() + " has the id " + id);
    sweep();
    return {};
}

std::uint64_t Store::sweep() const {
    const auto snapshots = snapshotsIn(m_folder);
    if (!snapshots)
        return 0;
    std::set<std::string> needed;
    for (const auto& path : *snapshots) {
        const auto file = SnapshotFile::open(path);
        if (!file && file.error().code() != ErrorCode::BadFile)
            return 0; // of a later version, perhaps: what it needs is not known
        if (file)
            for (const auto& block : file->blocks())
                needed.insert(hexOf(block));
    }
    std::uint64_t freed = 0;
    for (const auto& folder : {m_folder, m_folder / "blocks"}) {
        const auto files = filesIn(folder);
        if (!files)
            return freed;
        for (const auto& entry : *files) {
            const auto name = entry.path().filename().string();
            const bool old = isUnfinished(name) ? olderThan(entry, kUnfinishedAge)
                                                : folder != m_folder && isBlockName(name) && !needed.contains(name) &&
                                                      olderThan(entry, m_options.grace);
            std::error_code ec;
            const auto bytes = old ? entry.file_size(ec) : 0;
            if (old && fs::remove(entry.path(), ec))
                freed += bytes;
        }
    }
    return freed;
}

} // namespace bathy::snapshot
