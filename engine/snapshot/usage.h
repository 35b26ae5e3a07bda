// What the snapshots of a folder take on disk: their files, and each block that one of them needs once. Sizes are those
// of a block's first sight. Any thread.
#pragma once

#include "engine/snapshot/snapshot_file.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace bathy::snapshot {

class Usage {
public:
    explicit Usage(std::filesystem::path blocks) : m_blocks(std::move(blocks)) {}

    // A snapshot that lies at `path`; one that cannot be opened counts with its file alone. Returns the bytes of it and
    // its blocks, shared or not.
    std::uint64_t add(const std::filesystem::path& path, const Result<SnapshotFile>& file);
    void drop(const SnapshotId& id); // one that has() knows
    bool has(const SnapshotId& id) const { return m_snapshots.contains(id); }
    std::uint64_t bytes() const { return m_bytes; }

private:
    struct Taken {
        std::uint64_t bytes = 0; // of the file
        std::set<std::string> blocks;
    };
    struct Block {
        std::uint64_t bytes = 0;
        int needed = 0; // by so many snapshots
    };
    Block& block(const std::string& name);

    std::filesystem::path m_blocks; // the folder they lie in
    std::map<SnapshotId, Taken> m_snapshots;
    std::map<std::string, Block> m_known;
    std::uint64_t m_bytes = 0;
};

} // namespace bathy::snapshot
