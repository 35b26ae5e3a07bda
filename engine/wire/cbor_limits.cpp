#include "engine/wire/cbor_limits.h"

#include <array>
#include <optional>
#include <string>

namespace bathy::wire {

namespace {

enum Major : unsigned { Unsigned = 0, Negative = 1, ByteString = 2, TextString = 3, Array = 4, Map = 5, Simple = 7 };

struct Head {
    unsigned major = 0;
    unsigned info = 0;
    std::uint64_t value = 0;
};

class Walker {
public:
    explicit Walker(std::span<const std::uint8_t> bytes) : m_bytes(bytes) {}

    Result<void> walk() {
        // left[d]: items still missing at depth d; a map counts its keys and its values.
        std::array<std::uint64_t, kMaxCborDepth + 1> left{};
        std::array<bool, kMaxCborDepth + 1> isMap{};
        int depth = 0;
        left[0] = 1;
        for (std::uint64_t items = 0; depth >= 0;) {
            const auto level = static_cast<std::size_t>(depth);
            if (left[level] == 0) {
                --depth;
                continue;
            }
            const bool keyExpected = isMap[level] && left[level] % 2 == 0;
            --left[level];
            if (++items > kMaxCborItems)
                return bad("more items than a message can have");
            const auto head = readHead();
            if (!head)
                return bad("truncated or unknown item");
            if (keyExpected && head->major != TextString)
                return bad("a map key that is not text");
            if (head->major == ByteString || head->major == TextString) {
                if (head->value > m_bytes.size() - m_offset)
                    return bad("a string longer than the frame");
                m_offset += static_cast<std::size_t>(head->value);
            } else if (head->major == Array || head->major == Map) {
                if (head->value > m_bytes.size() - m_offset)
                    return bad("a container longer than the frame");
                if (++depth > kMaxCborDepth)
                    return bad("nested too deeply");
                left[static_cast<std::size_t>(depth)] = head->value * (head->major == Map ? 2 : 1);
                isMap[static_cast<std::size_t>(depth)] = head->major == Map;
            }
        }
        if (m_offset != m_bytes.size())
            return bad("bytes after the message");
        return {};
    }

private:
    Error bad(const char* what) const {
        return Error(ErrorCode::Protocol, std::string(what) + " at byte " + std::to_string(m_offset) + " of a frame");
    }

    std::optional<Head> readHead() {
        if (m_offset == m_bytes.size())
            return std::nullopt;
        const unsigned first = m_bytes[m_offset++];
        Head head{first >> 5U, first & 31U, first & 31U};
        if (head.info >= 24) {
            if (head.info > 27)
                return std::nullopt; // indefinite lengths and reserved forms
            const std::size_t width = std::size_t{1} << (head.info - 24);
            if (m_bytes.size() - m_offset < width)
                return std::nullopt;
            head.value = 0;
            for (std::size_t i = 0; i < width; ++i)
                head.value = head.value << 8U | m_bytes[m_offset++];
        }
        switch (head.major) {
        case Unsigned:
        case Negative:
        case ByteString:
        case TextString:
        case Array:
        case Map:
            return head;
        case Simple: // 20 false, 21 true, 22 null, 25..27 floats
            return head.info == 20 || head.info == 21 || head.info == 22 || head.info >= 25 ? std::optional(head)
                                                                                            : std::nullopt;
        default:
            return std::nullopt;
        }
    }

    std::span<const std::uint8_t> m_bytes;
    std::size_t m_offset = 0;
};

} // namespace

Result<void> checkCbor(std::span<const std::uint8_t> bytes) {
    return Walker(bytes).walk();
}

} // namespace bathy::wire
