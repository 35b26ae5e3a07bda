#include "engine/wire/wire.h"

#include "tests/engine/wire/sample_messages.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <random>
#include <set>

namespace bathy::wire {
namespace {

Bytes hello(Role role = Role::Host) {
    return encode(Hello{kProtocolVersion, role, "test"}).value();
}

std::span<const std::uint8_t> payloadOf(const Bytes& frame) {
    return std::span(frame).subspan(kFrameHeaderBytes);
}

template <class Message>
std::vector<Message> decodeAll(Decoder<Message>& decoder) {
    std::vector<Message> messages;
    for (;;) {
        auto message = decoder.next();
        EXPECT_TRUE(message.has_value()) << message.error().what();
        if (!message || !*message)
            return messages;
        messages.push_back(**std::move(message));
    }
}

// Equality of messages is equality of their frames: the writer is deterministic.
template <class Message>
void expectRoundTrip(const std::vector<Message>& messages) {
    std::set<std::size_t> kinds;
    Bytes stream = hello();
    for (const auto& message : messages) {
        const auto bytes = encode(message);
        ASSERT_TRUE(bytes.has_value()) << bytes.error().what();
        stream.insert(stream.end(), bytes->begin(), bytes->end());
        kinds.insert(message.index());
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<Message>) << "a kind of message has no sample";
    Decoder<Message> decoder;
    decoder.feed(stream);
    const auto decoded = decodeAll(decoder);
    ASSERT_EQ(decoded.size(), messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        EXPECT_EQ(decoded[i].index(), messages[i].index());
        EXPECT_EQ(encode(decoded[i]).value(), encode(messages[i]).value()) << "message " << i;
    }
}

TEST(Wire, EveryCommand_comesBackWhole) {
    expectRoundTrip(sampleCommands());
}

TEST(Wire, EveryEvent_comesBackWhole) {
    expectRoundTrip(sampleEvents());
}

TEST(Wire, Generate_keepsItsValues) {
    const auto frame = encode(sampleCommands()[6]).value();
    const auto command = decode<api::Command>(payloadOf(frame));
    ASSERT_TRUE(command.has_value());
    const auto& generate = std::get<api::Generate>(*command);
    EXPECT_EQ(generate.generation, GenerationId{9});
    EXPECT_EQ(generate.sampling.seed, 0xFFFFFFFFFFFFFFFFULL);
    EXPECT_THAT(generate.sampling.stop, testing::ElementsAre("\n\n", "END"));
    EXPECT_EQ(std::get<api::TokenPrompt>(generate.prompt).tokens.back(), TokenId{129279});
}

TEST(Wire, Stream_inSingleBytes_givesTheSameMessages) {
    Bytes stream = hello();
    const auto events = sampleEvents();
    for (const auto& event : events) {
        const auto bytes = encode(event).value();
        stream.insert(stream.end(), bytes.begin(), bytes.end());
    }
    EventDecoder decoder;
    std::size_t count = 0;
    for (const auto byte : stream) {
        decoder.feed(std::span(&byte, 1));
        count += decodeAll(decoder).size();
    }
    EXPECT_EQ(count, events.size());
    EXPECT_EQ(decoder.hello()->build, "test");
}

TEST(Wire, Records_keepEveryValue) {
    const auto frame = encode(sampleEvents().back()).value();
    const auto event = decode<api::Event>(payloadOf(frame));
    ASSERT_TRUE(event.has_value());
    const auto& records = std::get<api::Records>(*event).records;
    ASSERT_EQ(records.size(), sampleRecords().size());
    const auto& token = std::get<telemetry::TokenEvent>(records[0]);
    EXPECT_EQ(token.position, Position{1234});
    EXPECT_EQ(token.timeNs, -5);
    EXPECT_EQ(token.before[1].token, TokenId{78});
    const auto& routing = std::get<telemetry::RoutingEvent>(records[2]);
    EXPECT_EQ(routing.expert[0], 383);
    EXPECT_EQ(routing.weight[2], 0.5F);
    EXPECT_EQ(std::get<telemetry::SpanEvent>(records[3]).layer, LayerId{-1});
    EXPECT_EQ(std::get<telemetry::KvEvent>(records[4]).reservedBytes, 1ULL << 40);
}

TEST(Wire, MessageBeforeHello_isRefused) {
    EventDecoder decoder;
    decoder.feed(encode(sampleEvents().front()).value());
    EXPECT_EQ(decoder.next().error().code(), ErrorCode::Protocol);
}

TEST(Wire, OtherProtocolVersion_isRefusedWithBothNumbers) {
    EventDecoder decoder;
    decoder.feed(encode(Hello{kProtocolVersion + 1, Role::Host, "9.9"}).value());
    const auto result = decoder.next();
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().what(), testing::HasSubstr("speaks protocol 4, not 3"));
}

TEST(Wire, OversizedLength_isRefusedAtTheHeader) {
    EventDecoder decoder;
    decoder.feed(hello());
    decoder.feed(Bytes{0xFF, 0xFF, 0xFF, 0x7F});
    EXPECT_EQ(decoder.next().error().code(), ErrorCode::Protocol);
    decoder.feed(hello());
    EXPECT_FALSE(decoder.next().has_value()) << "an error must stay";
}

TEST(Wire, DeeplyNestedFrame_isRefused) {
    Bytes frame;
    ASSERT_TRUE(appendFrame(frame, Bytes(1U << 20, 0x81)).has_value());
    EventDecoder decoder;
    decoder.feed(frame);
    EXPECT_EQ(decoder.next().error().code(), ErrorCode::Protocol);
}

TEST(Wire, EveryTruncatedPayload_isAnError) {
    for (const auto& event : sampleEvents()) {
        const auto frame = encode(event).value();
        for (std::size_t size = 0; size < payloadOf(frame).size(); ++size)
            EXPECT_FALSE(decode<api::Event>(payloadOf(frame).first(size)).has_value());
    }
}

TEST(Wire, FlippedBits_neverCrash) {
    std::mt19937 random(20260000);
    std::size_t refused = 0;
    std::size_t accepted = 0;
    const auto flip = [&]<class Message>(const std::vector<Message>& messages) {
        for (const auto& message : messages)
            for (int round = 0; round < 300; ++round) {
                auto frame = encode(message).value();
                for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
                    frame[kFrameHeaderBytes + random() % (frame.size() - kFrameHeaderBytes)] ^=
                        static_cast<std::uint8_t>(1U << random() % 8);
                ++(decode<Message>(payloadOf(frame)) ? accepted : refused);
            }
    };
    flip(sampleEvents());
    flip(sampleCommands());
    EXPECT_GT(refused, 1000U);
    EXPECT_GT(accepted, 100U);
}

TEST(Wire, UnknownEnumValue_isRefusedByName) {
    const auto frame = encode(api::Event(api::Progress{api::RequestId{1}, static_cast<api::Stage>(200)})).value();
    const auto result = decode<api::Event>(payloadOf(frame));
    ASSERT_FALSE(result.has_value());
    EXPECT_THAT(result.error().what(), testing::HasSubstr("progress.stage has an unknown value"));
}

// The corpus has one file per rule; those named good_ must pass, all others must end in an error.
TEST(Wire, CorpusStreams_areAcceptedOrRefusedAsNamed) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(BATHY_SOURCE_DIR "/tests/fuzz/corpus/wire")) {
        const auto name = entry.path().filename().string();
        std::ifstream file(entry.path(), std::ios::binary);
        const Bytes bytes((std::istreambuf_iterator<char>(file)), {});
        const auto accepts = [&]<class Message>(Decoder<Message> decoder) {
            decoder.feed(bytes);
            const auto message = decoder.next();
            return message.has_value() && message->has_value();
        };
        const bool accepted = accepts(EventDecoder()) || accepts(CommandDecoder());
        EXPECT_EQ(accepted, name.starts_with("good_")) << name;
        ++files;
    }
    EXPECT_GE(files, 40);
}

TEST(Wire, TooLongMessage_isRefusedByTheWriter) {
    const api::Command command = api::EncodePrompt{api::RequestId{1}, api::TextPrompt{std::string(65U << 20, 'x')}};
    EXPECT_EQ(encode(command).error().code(), ErrorCode::BadArgument);
}

} // namespace
} // namespace bathy::wire
