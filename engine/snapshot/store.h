// A folder of snapshots. Lasting rows lie in blocks called by their content, so that conversations which begin alike
// share them, and a conversation that went on adds only what is new; beside them one file a snapshot. A snapshot's file
// is written last and in one go: whatever ends the process, each is whole or not there. Any number of processes may use
// one folder. Any thread, but for state calls, which are the engine thread's.
#pragma once

#include "engine/model/model.h"
#include "engine/snapshot/snapshot_file.h"
#include "engine/snapshot/usage.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::snapshot {

struct Saved {
    SnapshotId id;
    std::filesystem::path file;
    std::uint64_t bytes = 0;    // of the file and its blocks
    std::uint64_t newBytes = 0; // of them, that were not there before
};

struct Listed {
    SnapshotId id;
    std::filesystem::path file;
    Header header; // empty where there is a problem
    std::int64_t tokens = 0;
    std::uint64_t bytes = 0;      // of the file and its blocks
    std::optional<Error> problem; // why it cannot be opened
};

struct Restored {
    std::unique_ptr<model::SequenceState> state;
    Content content;
    std::uint64_t bytes = 0; // read
};

// Called after every block; may be empty.
using BlockProgress = std::function<void(std::uint64_t doneBytes, std::uint64_t totalBytes)>;

class Store {
public:
    struct Options {
        std::int64_t blockTokens = 4096; // at most; fewer where a block would be over 16 MiB
        // Blocks that nothing needs are left alone for so long: another process may be about to name them.
        std::chrono::minutes grace{10};
    };

    // The folder is created by the first save, for its owner alone.
    explicit Store(std::filesystem::path folder) : Store(std::move(folder), Options{}) {}
    Store(std::filesystem::path folder, Options options) : m_folder(std::move(folder)), m_options(options) {}

    const std::filesystem::path& folder() const { return m_folder; }

    // Keeps `state`, which took in `content.tokens` and said `content.logits` to the last of them. The header comes
    // without blockTokens, and blocks and recent rows are filled in here. Errors: BadArgument, Io, OutOfMemory,
    // Cancelled; nothing that was there before is lost then.
    Result<Saved> save(const model::SequenceState& state, Content content, const std::stop_token& stop,
                       const BlockProgress& progress = {}) const;

    // Newest first. `listed.bytes` counts what others share, too; see bytes().
    Result<std::vector<Listed>> list() const;
    // Of all snapshots and the blocks that they need, each once. Errors: Io.
    Result<std::uint64_t> bytes() const;
    // By id, else by the beginning of one or a name, if just one snapshot has it. Errors: NotFound, BadArgument.
    Result<Listed> find(const std::string& idOrName) const;

    // A state of `model` that goes on where the snapshot was taken, under its precision, row format and bans; `options`
    // says the rest. Errors: those of reading it; BadFile (a block is missing, or is not what it is called: then it is
    // thrown away, so that the next save writes it again), ContextFull, OutOfMemory, those of creating and restoring a
    // state, Cancelled. Whether the model is the right one is for the caller to know.
    Result<Restored> load(const SnapshotFile& file, model::Model& model, model::StateOptions options,
                          const std::stop_token& stop, const BlockProgress& progress = {}) const;

    // Deletes a snapshot, and the blocks that no other one needs. Errors: NotFound, Io.
    Result<void> remove(const SnapshotId& id) const;
    // Deletes in this order until bytes() is `keepBytes` at most; ids that are not there are passed over. Returns those
    // that are gone. Errors: Io; what was deleted before is gone then.
    Result<std::vector<SnapshotId>> trim(std::span<const SnapshotId> ids, std::uint64_t keepBytes) const;
    // Deletes blocks that no snapshot needs and what interrupted writes left; the bytes that were freed.
    std::uint64_t sweep() const;

private:
    Result<Usage> usage() const;
    std::filesystem::path fileOf(const SnapshotId& id) const { return m_folder / (id + ".snapshot"); }
    std::filesystem::path blockOf(const ContentHash& hash) const { return m_folder / "blocks" / hexOf(hash); }
    std::int64_t blockTokens(const model::SequenceState& state) const;
    // Whether the block is there, of that size; a sweep leaves it alone for a while then.
    bool touchBlock(const ContentHash& hash, std::uint64_t bytes) const;
    // Bytes written: none where it is there already. Errors: Io.
    Result<std::uint64_t> keepBlock(const ContentHash& hash, std::span<const std::byte> rows) const;
    Result<void> restoreBlock(const ContentHash& hash, std::int64_t begin, std::int64_t end,
                              model::SequenceState& state) const;
    // Deletes its file alone; false: there was none.
    Result<bool> removeFile(const SnapshotId& id) const;

    std::filesystem::path m_folder;
    Options m_options;
};

} // namespace bathy::snapshot
