// A file read forwards in pieces, every byte of it hashed on the way. One owner, any thread.
#pragma once

#include "engine/library/quiet_file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::library {

class HeaderWindow {
public:
    explicit HeaderWindow(const QuietFile& file);
    ~HeaderWindow();
    HeaderWindow(const HeaderWindow&) = delete;
    HeaderWindow& operator=(const HeaderWindow&) = delete;

    // The next `count` bytes, valid until the next call. Errors: BadFile when the file has fewer; Io.
    Result<std::span<const std::byte>> take(std::size_t count);
    Result<void> skip(std::uint64_t count);
    std::uint64_t position() const { return m_at; }
    std::uint64_t left() const { return m_file.size() - m_at; }
    std::string hash() const; // of all bytes so far, 16 hexadecimal digits

private:
    Result<void> fill(std::size_t count);

    const QuietFile& m_file;
    std::vector<std::byte> m_buffer;
    std::size_t m_begin = 0; // of what is not taken, in m_buffer
    std::uint64_t m_at = 0;  // in the file
    struct Hash;
    std::unique_ptr<Hash> m_hash;
};

// 16 hexadecimal digits: xxh3.
std::string hashOfText(std::string_view text);

} // namespace bathy::library
