#include "app/bridge/event_codec.h"

#include "engine/wire/wire.h"

namespace bathy::bridge {
namespace {

void append(QByteArray& out, const Result<wire::Bytes>& frame) {
    if (frame)
        out.append(reinterpret_cast<const char*>(frame->data()), static_cast<qsizetype>(frame->size()));
}

} // namespace

QByteArray encodeEvents(const std::vector<api::Event>& events) {
    QByteArray out;
    if (events.empty())
        return out;
    append(out, wire::encode(wire::Hello{wire::kProtocolVersion, wire::Role::Capture, {}}));
    for (const auto& event : events)
        append(out, wire::encode(event));
    return out;
}

Result<std::vector<api::Event>> decodeEvents(const QByteArray& bytes) {
    std::vector<api::Event> events;
    wire::EventDecoder decoder;
    decoder.feed({reinterpret_cast<const std::uint8_t*>(bytes.constData()), static_cast<std::size_t>(bytes.size())});
    for (;;) {
        BATHY_TRY(auto event, decoder.next());
        if (!event)
            return events;
        events.push_back(std::move(*event));
    }
}

} // namespace bathy::bridge
