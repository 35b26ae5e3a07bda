// What a conversation's memory is made of. Each family of models has some of the parts; the others stay 0. Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace bathy::telemetry {

// Travels over the wire: new parts go to the end.
enum class KvPart : std::uint8_t {
    Window,          // the last tokens of every layer, kept whole (V4)
    SparseEntries,   // compressed entries of sparse layers (V4)
    IndexKeys,       // keys by which sparse layers find what is worth reading (V4, V3.2)
    HeavyEntries,    // heavily compressed entries (V4)
    CompressorState, // unfinished groups on their way into entries (V4)
    Checkpoints,     // light states kept at message boundaries (V4)
    Latents,         // one latent row and rope key a token, shared by all heads (V2, V3)
    KeysValues,      // keys and values of every key/value head (dense models)
    Draft,           // window and streams of the block that drafts tokens (V4)
};
inline constexpr std::size_t kKvPartCount = 9;

struct KvBytes {
    std::array<std::uint64_t, kKvPartCount> parts{}; // by KvPart

    std::uint64_t& operator[](KvPart part) { return parts[static_cast<std::size_t>(part)]; }
    std::uint64_t operator[](KvPart part) const { return parts[static_cast<std::size_t>(part)]; }
    std::uint64_t total() const { return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0}); }
    bool operator==(const KvBytes&) const = default;
};

} // namespace bathy::telemetry
