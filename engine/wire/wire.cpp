#include "engine/wire/wire.h"

#include "engine/wire/cbor_limits.h"
#include "engine/wire/messages.h"

#include <algorithm>
#include <utility>

namespace bathy::wire {

template <>
inline constexpr std::optional<std::uint8_t> kLastValue<Role> = static_cast<std::uint8_t>(Role::Capture);

namespace {

constexpr std::string_view kHelloName = "hello";
constexpr std::string_view kMagic = "bathyscope";

template <class A, Message<Hello> M>
void helloFields(A& a, M& m) {
    std::string magic(kMagic);
    a("magic", magic);
    a("protocol", m.protocol);
    a("role", m.role);
    a("build", m.build);
    if constexpr (!std::is_const_v<M>)
        if (magic != kMagic)
            a.failAt("magic", "is not ours");
}

// A message is the list [name, fields].
Result<Bytes> frame(std::string_view name, Json fieldsOfMessage) {
    const auto payload = Json::to_cbor(Json::array({std::string(name), std::move(fieldsOfMessage)}));
    Bytes bytes;
    BATHY_CHECK(appendFrame(bytes, payload));
    return bytes;
}

template <class Variant>
Result<Bytes> encodeVariant(const Variant& message) {
    return std::visit(
        [&](const auto& alternative) {
            WriteArchive archive;
            fields(archive, alternative);
            return frame(kNames<Variant>[message.index()], archive.take());
        },
        message);
}

struct Parsed {
    std::string name;
    Json fields;
};

Result<Parsed> parse(std::span<const std::uint8_t> payload) {
    BATHY_CHECK(checkCbor(payload));
    auto json = Json::from_cbor(payload.begin(), payload.end(), true, false);
    if (!json.is_array() || json.size() != 2 || !json[0].is_string())
        return Error(ErrorCode::Protocol, "a frame is not a named message");
    return Parsed{json[0].get<std::string>(), std::move(json[1])};
}

template <class Variant, std::size_t... I>
Result<Variant> decodeAlternative(std::size_t index, const Json& json, std::index_sequence<I...> /*all*/) {
    std::optional<Variant> message;
    std::optional<Error> error;
    const auto tryOne = [&]<std::size_t N>(std::integral_constant<std::size_t, N> /*which*/) {
        if (index != N)
            return;
        std::variant_alternative_t<N, Variant> alternative;
        ReadArchive archive(json, std::string(kNames<Variant>[N]));
        fields(archive, alternative);
        error = archive.error();
        message = std::move(alternative);
    };
    (tryOne(std::integral_constant<std::size_t, I>()), ...);
    if (error)
        return *std::move(error);
    return *std::move(message);
}

} // namespace

Result<Bytes> encode(const Hello& hello) {
    WriteArchive archive;
    helloFields(archive, hello);
    return frame(kHelloName, archive.take());
}

Result<Bytes> encode(const api::Command& command) {
    return encodeVariant(command);
}

Result<Bytes> encode(const api::Event& event) {
    if (const auto* records = std::get_if<api::Records>(&event);
        records != nullptr && records->records.size() > kMaxRecordsPerFrame)
        return Error(ErrorCode::BadArgument, "too many telemetry records for one frame");
    return encodeVariant(event);
}

Result<Hello> decodeHello(std::span<const std::uint8_t> payload) {
    BATHY_TRY(const auto parsed, parse(payload));
    if (parsed.name != kHelloName)
        return Error(ErrorCode::Protocol, "the peer does not begin with a hello");
    Hello hello;
    ReadArchive archive(parsed.fields, parsed.name);
    helloFields(archive, hello);
    if (archive.error())
        return *archive.error();
    if (hello.protocol != kProtocolVersion)
        return Error(ErrorCode::Protocol,
                     "the peer (" + hello.build + ") speaks protocol " + std::to_string(hello.protocol) + ", not " +
                         std::to_string(kProtocolVersion),
                     "use the same version of both programs");
    return hello;
}

template <class Message>
Result<Message> decode(std::span<const std::uint8_t> payload) {
    BATHY_TRY(const auto parsed, parse(payload));
    const auto& names = kNames<Message>;
    const auto found = std::find(names.begin(), names.end(), parsed.name);
    if (found == names.end())
        return Error(ErrorCode::Protocol, "unknown message \"" + parsed.name.substr(0, 40) + "\"");
    return decodeAlternative<Message>(static_cast<std::size_t>(found - names.begin()), parsed.fields,
                                      std::make_index_sequence<std::variant_size_v<Message>>());
}
template Result<api::Command> decode<api::Command>(std::span<const std::uint8_t>);
template Result<api::Event> decode<api::Event>(std::span<const std::uint8_t>);

template <class Message>
Result<std::optional<Message>> Decoder<Message>::next() {
    if (m_error)
        return *m_error;
    auto message = take();
    if (!message)
        m_error = message.error();
    return message;
}

template <class Message>
Result<std::optional<Message>> Decoder<Message>::take() {
    for (;;) {
        BATHY_TRY(const auto payload, m_frames.next());
        if (!payload)
            return std::optional<Message>();
        if (m_hello) {
            BATHY_TRY(auto message, decode<Message>(*payload));
            return std::optional<Message>(std::move(message));
        }
        BATHY_TRY(m_hello, decodeHello(*payload));
    }
}

template class Decoder<api::Command>;
template class Decoder<api::Event>;

} // namespace bathy::wire
