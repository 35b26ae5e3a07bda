#include "engine/wire/records.h"

#include "engine/wire/byte_stream.h"

#include <algorithm>
#include <limits>
#include <string>
#include <variant>

namespace bathy::wire {

namespace {

using namespace telemetry;

constexpr auto kLastSpanKind = static_cast<std::uint8_t>(SpanKind::Draft);

void put(ByteWriter& out, const Alternative& alternative) {
    out.varint(static_cast<std::uint32_t>(raw(alternative.token)));
    out.f32(alternative.probability);
}

struct Packer {
    ByteWriter& out;

    void operator()(const TokenEvent& event) const {
        out.varint(raw(event.generation));
        out.signedVarint(raw(event.position));
        out.varint(static_cast<std::uint32_t>(raw(event.token)));
        out.u8(static_cast<std::uint8_t>(event.phase));
        if (event.phase == TokenPhase::Prompt)
            return;
        out.varint(event.rank);
        out.f32(event.probability);
        out.f32(event.sampledProbability);
        out.f32(event.entropy);
        out.signedVarint(event.timeNs);
        out.u8(static_cast<std::uint8_t>(event.guess));
        out.varint(static_cast<std::uint32_t>(raw(event.guessed)));
        out.signedVarint(event.gainNs);
        out.u8(event.beforeCount);
        out.u8(event.afterCount);
        std::for_each_n(event.before.begin(), event.beforeCount, [this](const auto& a) { put(out, a); });
        std::for_each_n(event.after.begin(), event.afterCount, [this](const auto& a) { put(out, a); });
    }
    void operator()(const RoutingEvent& event) const {
        out.varint(raw(event.generation));
        out.signedVarint(raw(event.position));
        out.varint(static_cast<std::uint32_t>(raw(event.token)));
        out.signedVarint(raw(event.layer));
        out.u8(event.count);
        for (std::size_t i = 0; i < event.count; ++i) {
            out.varint(event.expert[i]);
            out.f32(event.weight[i]);
        }
    }
    void operator()(const SpanEvent& event) const {
        out.u8(static_cast<std::uint8_t>(event.kind));
        out.signedVarint(raw(event.layer));
        out.varint(event.tokens);
        out.signedVarint(event.beginNs);
        out.signedVarint(event.durationNs);
    }
    void operator()(const KvEvent& event) const {
        out.varint(raw(event.session));
        out.signedVarint(event.tokens);
        out.varint(event.reservedBytes);
        out.u8(static_cast<std::uint8_t>(kKvPartCount));
        for (const auto bytes : event.bytes.parts)
            out.varint(bytes);
    }
    void operator()(const MemoryEvent& event) const {
        for (const auto bytes : {event.weightsMappedBytes, event.scratchBytes, event.residentBytes})
            out.varint(bytes);
    }
    void operator()(const DropEvent& event) const {
        out.varint(event.droppedRouting);
        out.varint(event.droppedSpans);
        out.varint(event.ringUsed);
        out.varint(event.ringCapacity);
    }
};

class Unpacker {
public:
    explicit Unpacker(std::span<const std::uint8_t> bytes) : m_in(bytes) {}

    bool atEnd() const { return m_in.atEnd(); }

    // One record; nothing when the bytes break the layout.
    bool next(Record& out) {
        switch (m_in.u8()) {
        case 0:
            out = token();
            break;
        case 1:
            out = routing();
            break;
        case 2:
            out = span();
            break;
        case 3:
            out = kv();
            break;
        case 4:
            out = memory();
            break;
        case 5:
            out = drop();
            break;
        default:
            return false;
        }
        return m_valid && m_in.ok();
    }

private:
    template <class T>
    T limited(std::uint64_t value, std::uint64_t last) {
        m_valid = m_valid && value <= last;
        return static_cast<T>(value <= last ? value : 0);
    }
    std::uint32_t u32() { return limited<std::uint32_t>(m_in.varint(), std::numeric_limits<std::uint32_t>::max()); }
    TokenId tokenId() { return limited<TokenId>(m_in.varint(), std::numeric_limits<std::int32_t>::max()); }
    LayerId layer() {
        const auto value = m_in.signedVarint();
        m_valid = m_valid && value >= -1 && value <= std::numeric_limits<std::int32_t>::max();
        return static_cast<LayerId>(m_valid ? value : 0);
    }
    Alternative alternative() {
        Alternative result;
        result.token = tokenId();
        result.probability = m_in.f32();
        return result;
    }

    TokenEvent token() {
        TokenEvent event;
        event.generation = static_cast<GenerationId>(m_in.varint());
        event.position = static_cast<Position>(m_in.signedVarint());
        event.token = tokenId();
        event.phase = limited<TokenPhase>(m_in.u8(), static_cast<std::uint8_t>(TokenPhase::Generated));
        if (event.phase == TokenPhase::Prompt)
            return event;
        event.rank = u32();
        event.probability = m_in.f32();
        event.sampledProbability = m_in.f32();
        event.entropy = m_in.f32();
        event.timeNs = m_in.signedVarint();
        event.guess = limited<GuessOutcome>(m_in.u8(), static_cast<std::uint8_t>(GuessOutcome::Wrong));
        event.guessed = tokenId();
        event.gainNs = m_in.signedVarint();
        event.beforeCount = limited<std::uint8_t>(m_in.u8(), kMaxAlternatives);
        event.afterCount = limited<std::uint8_t>(m_in.u8(), kMaxAlternatives);
        std::generate_n(event.before.begin(), event.beforeCount, [this] { return alternative(); });
        std::generate_n(event.after.begin(), event.afterCount, [this] { return alternative(); });
        return event;
    }
    RoutingEvent routing() {
        RoutingEvent event;
        event.generation = static_cast<GenerationId>(m_in.varint());
        event.position = static_cast<Position>(m_in.signedVarint());
        event.token = tokenId();
        event.layer = layer();
        event.count = limited<std::uint8_t>(m_in.u8(), kMaxExpertsPerToken);
        for (std::size_t i = 0; i < event.count; ++i) {
            event.expert[i] = limited<std::uint16_t>(m_in.varint(), std::numeric_limits<std::uint16_t>::max());
            event.weight[i] = m_in.f32();
        }
        return event;
    }
    SpanEvent span() {
        SpanEvent event;
        event.kind = limited<SpanKind>(m_in.u8(), kLastSpanKind);
        event.layer = layer();
        event.tokens = u32();
        event.beginNs = m_in.signedVarint();
        event.durationNs = m_in.signedVarint();
        return event;
    }
    KvEvent kv() {
        KvEvent event;
        event.session = static_cast<SessionId>(m_in.varint());
        event.tokens = m_in.signedVarint();
        event.reservedBytes = m_in.varint();
        const auto parts = limited<std::size_t>(m_in.u8(), kKvPartCount);
        std::generate_n(event.bytes.parts.begin(), parts, [this] { return m_in.varint(); });
        return event;
    }
    MemoryEvent memory() {
        MemoryEvent event;
        for (auto* bytes : {&event.weightsMappedBytes, &event.scratchBytes, &event.residentBytes})
            *bytes = m_in.varint();
        return event;
    }
    DropEvent drop() {
        DropEvent event;
        event.droppedRouting = m_in.varint();
        event.droppedSpans = m_in.varint();
        event.ringUsed = u32();
        event.ringCapacity = u32();
        return event;
    }

    ByteReader m_in;
    bool m_valid = true;
};

} // namespace

std::vector<std::uint8_t> packRecords(std::span<const Record> records) {
    ByteWriter out(records.size() * 48);
    for (const auto& record : records) {
        out.u8(static_cast<std::uint8_t>(record.index()));
        std::visit(Packer{out}, record);
    }
    return out.take();
}

Result<std::vector<Record>> unpackRecords(std::span<const std::uint8_t> bytes) {
    std::vector<Record> records;
    Unpacker in(bytes);
    while (!in.atEnd()) {
        Record record;
        if (records.size() == kMaxRecordsPerFrame || !in.next(record))
            return Error(ErrorCode::Protocol,
                         "telemetry record " + std::to_string(records.size()) + " of a frame breaks the layout");
        records.push_back(record);
    }
    return records;
}

} // namespace bathy::wire
