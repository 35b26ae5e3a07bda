#include "engine/library/header_window.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <array>
#include <cstdio>
#include <xxhash.h>

namespace bathy::library {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

std::string hexadecimal(XXH64_hash_t value) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
    return text.data();
}

} // namespace

struct HeaderWindow::Hash {
    XXH3_state_t state;
    Hash() { XXH3_64bits_reset(&state); }
};

HeaderWindow::HeaderWindow(const QuietFile& file) : m_file(file), m_hash(std::make_unique<Hash>()) {}
HeaderWindow::~HeaderWindow() = default;

Result<void> HeaderWindow::fill(std::size_t count) {
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin));
    m_begin = 0;
    const auto held = m_buffer.size();
    const auto wanted = std::min<std::uint64_t>(std::max(count - held, kPiece), left() - held);
    m_buffer.resize(held + static_cast<std::size_t>(wanted));
    return m_file.read(m_at + held, std::span(m_buffer).subspan(held));
}

Result<std::span<const std::byte>> HeaderWindow::take(std::size_t count) {
    if (count > left())
        return Error(ErrorCode::BadFile, "the file ends inside its header");
    if (m_buffer.size() - m_begin < count)
        BATHY_CHECK(fill(count));
    const auto bytes = std::span<const std::byte>(m_buffer).subspan(m_begin, count);
    XXH3_64bits_update(&m_hash->state, bytes.data(), bytes.size());
    m_begin += count;
    m_at += count;
    return bytes;
}

Result<void> HeaderWindow::skip(std::uint64_t count) {
    while (count > 0) {
        const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, kPiece));
        BATHY_CHECK(take(piece));
        count -= piece;
    }
    return {};
}

std::string HeaderWindow::hash() const {
    return hexadecimal(XXH3_64bits_digest(&m_hash->state));
}

std::string hashOfText(std::string_view text) {
    return hexadecimal(XXH3_64bits(text.data(), text.size()));
}

} // namespace bathy::library
