#include "engine/snapshot/usage.h"

#include <system_error>

namespace bathy::snapshot {
namespace {

// 0: it is not there.
std::uint64_t sizeOf(const std::filesystem::path& path) {
    std::error_code ec;
    const auto size = std::filesystem::file_size(path, ec);
    return ec ? 0 : size;
}

} // namespace

Usage::Block& Usage::block(const std::string& name) {
    const auto [at, fresh] = m_known.try_emplace(name);
    if (fresh)
        at->second.bytes = sizeOf(m_blocks / name);
    return at->second;
}

std::uint64_t Usage::add(const std::filesystem::path& path, const Result<SnapshotFile>& file) {
    Taken taken{sizeOf(path), {}};
    auto whole = taken.bytes;
    m_bytes += taken.bytes;
    if (file)
        for (const auto& hash : file->blocks())
            taken.blocks.insert(hexOf(hash));
    for (const auto& name : taken.blocks) {
        auto& needed = block(name);
        whole += needed.bytes;
        if (needed.needed++ == 0)
            m_bytes += needed.bytes;
    }
    m_snapshots.insert_or_assign(path.stem().string(), std::move(taken));
    return whole;
}

void Usage::drop(const SnapshotId& id) {
    const auto found = m_snapshots.find(id);
    for (const auto& name : found->second.blocks) {
        auto& needed = block(name);
        if (--needed.needed == 0)
            m_bytes -= needed.bytes;
    }
    m_bytes -= found->second.bytes;
    m_snapshots.erase(found);
}

} // namespace bathy::snapshot
