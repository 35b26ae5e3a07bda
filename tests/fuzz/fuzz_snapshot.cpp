// Bytes from outside as a snapshot's file: read or refused. And as the rows of a sequence: taken in or refused, and
// what was taken in can go on.
#include "engine/kv/sequence_cache.h"
#include "engine/snapshot/snapshot_file.h"

#include <array>
#include <cstring>
#include <vector>

namespace {

// The same file with checksums that fit, so that what comes behind them is seen as well.
void withRightSums(std::span<const std::byte> bytes) {
    constexpr std::size_t kHead = 88;
    std::array<std::uint64_t, 5> sizes{};
    if (bytes.size() < kHead)
        return;
    std::memcpy(sizes.data(), bytes.data() + 16, sizeof sizes);
    const auto rest = bytes.size() - kHead;
    if (sizes[0] > rest || sizes[1] > (rest - sizes[0]) / 16)
        return;
    const auto described = static_cast<std::size_t>(sizes[0] + 16 * sizes[1]);
    std::vector<std::byte> patched(bytes.begin(), bytes.end());
    const auto all = std::span(patched);
    const std::array<std::span<const std::byte>, 2> head{all.first(56), all.subspan(kHead, described)};
    const auto headSum = bathy::snapshot::hashOf(head);
    const auto bodySum = bathy::snapshot::hashOf(std::span<const std::byte>(all.subspan(kHead + described)));
    std::memcpy(patched.data() + 56, headSum.data(), headSum.size());
    std::memcpy(patched.data() + 72, bodySum.data(), bodySum.size());
    static_cast<void>(bathy::snapshot::decode(patched, "input"));
}

using bathy::kv::EntryKind;
using bathy::kv::SequenceCache;

void asRows(std::span<const std::byte> bytes) {
    bathy::kv::LayerCacheSpec window;
    window.windowTokens = 8;
    window.rowBytes = 4;
    auto sparse = window;
    sparse.entries = EntryKind::CompressedSparse;
    sparse.ratio = 4;
    sparse.overlap = true;
    sparse.stateRowBytes = 2;
    sparse.indexKeyBytes = 3;
    sparse.indexStateBytes = 1;
    auto draft = window;
    draft.streamBytes = 2;
    auto cache = SequenceCache::create(std::array{window, sparse, draft}, {64, 2, 2});
    if (!cache || bytes.size() < 2)
        return;
    const auto length = std::to_integer<std::int64_t>(bytes[0]) % 65;
    const auto lasting = static_cast<std::size_t>(cache->lastingBytes(0, length));
    bytes = bytes.subspan(1);
    if (bytes.size() < lasting || !cache->restoreLasting(0, length, bytes.first(lasting)))
        return;
    if (!cache->restoreRecent(length, bytes.subspan(lasting)) || cache->length() == 64 || !cache->beginStep(1))
        return;
    cache->undoStep();
    cache->truncate(length - 1);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    static_cast<void>(bathy::snapshot::decode(bytes, "input"));
    withRightSums(bytes);
    asRows(bytes);
    return 0;
}
