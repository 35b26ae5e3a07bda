#include "engine/base/sha256.h"

#include <algorithm>
#include <bit>

namespace bathy {
namespace {

// First 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using State = std::array<std::uint32_t, 8>;

// Message schedule of one 64-byte block.
std::array<std::uint32_t, 64> schedule(const std::byte* block) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
        for (std::size_t j = 0; j < 4; ++j)
            w[i] = w[i] << 8U | std::to_integer<std::uint32_t>(block[i * 4 + j]);
    for (std::size_t i = 16; i < 64; ++i) {
        const auto a = w[i - 15];
        const auto b = w[i - 2];
        w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3U) + w[i - 7] +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10U);
    }
    return w;
}

void compress(State& state, const std::byte* block) {
    const auto w = schedule(block);
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const auto t1 =
            h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
        const auto t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const State mixed = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i)
        state[i] += mixed[i];
}

} // namespace

void Sha256::update(std::span<const std::byte> bytes) {
    const auto begun = static_cast<std::size_t>(m_bytes % kBlock);
    m_bytes += bytes.size();
    if (begun > 0) {
        const auto fill = std::min(kBlock - begun, bytes.size());
        std::copy_n(bytes.begin(), fill, m_rest.begin() + static_cast<std::ptrdiff_t>(begun));
        bytes = bytes.subspan(fill);
        if (begun + fill < kBlock)
            return;
        compress(m_state, m_rest.data());
    }
    for (; bytes.size() >= kBlock; bytes = bytes.subspan(kBlock))
        compress(m_state, bytes.data());
    std::copy(bytes.begin(), bytes.end(), m_rest.begin());
}

std::string Sha256::finish() {
    const auto bits = m_bytes * 8;
    std::array<std::byte, 2 * kBlock> tail{std::byte{0x80}};
    const auto begun = static_cast<std::size_t>(m_bytes % kBlock);
    const auto length = (begun < kBlock - 8 ? kBlock : 2 * kBlock) - begun;
    for (std::size_t i = 0; i < 8; ++i)
        tail[length - 1 - i] = static_cast<std::byte>(bits >> i * 8);
    update(std::span(tail).first(length));
    std::string hex;
    for (const auto word : m_state)
        for (int shift = 28; shift >= 0; shift -= 4)
            hex.push_back("0123456789abcdef"[word >> static_cast<unsigned>(shift) & 0xFU]);
    return hex;
}

std::string sha256Hex(std::string_view text) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return hash.finish();
}

} // namespace bathy
