// The front door as a byte stream: commands one way, events the other, each as one frame of CBOR. The first frame each
// way is a hello. Pure code: no I/O, no threads; each object has one owner. Format: docs/formats/wire.md.
#pragma once

#include "engine/api/commands.h"
#include "engine/api/events.h"
#include "engine/wire/frame.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace bathy::wire {

inline constexpr std::uint32_t kProtocolVersion = 3;

enum class Role : std::uint8_t { Client, Host, Capture };

struct Hello {
    std::uint32_t protocol = kProtocolVersion;
    Role role{};
    std::string build; // version of the program that speaks, for messages to people
};

// One frame each, header included. Errors: BadArgument when the message does not fit into a frame.
Result<Bytes> encode(const Hello& hello);
Result<Bytes> encode(const api::Command& command);
Result<Bytes> encode(const api::Event& event);

// Whole messages out of the bytes of a stream, in any pieces. Nothing that arrives is believed; after an error the
// stream is dead and every later call repeats it.
template <class Message>
class Decoder {
public:
    void feed(std::span<const std::uint8_t> bytes) { m_frames.feed(bytes); }

    // The next message, or nothing when more bytes are needed. Errors: Protocol, also for a peer that speaks another
    // protocol version.
    Result<std::optional<Message>> next();

    // What the peer said of itself, once it has.
    const std::optional<Hello>& hello() const { return m_hello; }

private:
    Result<std::optional<Message>> take();

    FrameReader m_frames;
    std::optional<Hello> m_hello;
    std::optional<Error> m_error;
};

extern template class Decoder<api::Command>;
extern template class Decoder<api::Event>;

using CommandDecoder = Decoder<api::Command>;
using EventDecoder = Decoder<api::Event>;

// The payload of one frame. Errors: Protocol.
Result<Hello> decodeHello(std::span<const std::uint8_t> payload);
template <class Message>
Result<Message> decode(std::span<const std::uint8_t> payload);

} // namespace bathy::wire
