#include "tests/support/sample_run.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace bathy::testing {
namespace {

using telemetry::TokenPhase;

// Words of the sample answer with their leading spaces, as a byte-level vocabulary would cut them.
const std::vector<std::string>& words() {
    static const std::vector<std::string> kWords{
        "The",           " deep",  " sea",     " is",      " the",    " largest",     " habitat",
        " on",           " Earth", ".",        " Below",   " two",    " hundred",     " met",
        "res",           ",",      " light",   " fades",   " to",     " blue",        " and",
        " then",         " to",    " nothing", ".",        "\n\n",    " Animals",     " there",
        " make",         " their", " own",     ":",        " most",   " of",          " them",
        " glow",         ".",      "\n",       "-",        " angler", "fish",         " lure",
        " prey",         " with",  " a",       " lamp",    ";",       " squid",       " hide",
        " in",           " it",    " (",       "counter",  "-",       "illumination", ").",
        " \xF0\x9F\x90", "\x99",   " na",      "\xC3\xAF", "ve"};
    return kWords;
}

int attentionRatio(int layer) {
    return layer < 2 ? 0 : layer % 2 == 0 ? 4 : 128;
}

std::uint64_t mix(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

double uniform(std::uint64_t seed) {
    return static_cast<double>(mix(seed) >> 11) * 0x1.0p-53;
}

telemetry::RoutingEvent routing(const SampleShape& shape, GenerationId generation, std::int64_t position, int layer) {
    telemetry::RoutingEvent event;
    event.generation = generation;
    event.position = Position{position};
    event.layer = LayerId{layer};
    event.count = static_cast<std::uint8_t>(shape.perToken);
    double sum = 0;
    for (int k = 0, tries = 0; k < shape.perToken; ++tries) {
        const auto key = shape.seed * 1000003 + static_cast<std::uint64_t>(position) * 7919 +
                         static_cast<std::uint64_t>(layer) * 104729 + static_cast<std::uint64_t>(k) * 31 +
                         static_cast<std::uint64_t>(tries) * 613;
        // Learned layers favour some experts (each its own), hashed ones none. The power sets how much.
        const double skew = layer < shape.hashLayers ? 1.0 : 2.2;
        const auto favoured = static_cast<int>(std::pow(uniform(key), skew) * shape.experts);
        const int expert =
            static_cast<int>((static_cast<std::uint64_t>(favoured) * 37 + mix(static_cast<std::uint64_t>(layer)) % 97) %
                             static_cast<std::uint64_t>(shape.experts));
        const bool taken =
            std::find(event.expert.begin(), event.expert.begin() + k, expert) != event.expert.begin() + k;
        if (taken)
            continue;
        event.expert[static_cast<std::size_t>(k)] = static_cast<std::uint16_t>(expert);
        event.weight[static_cast<std::size_t>(k)] = static_cast<float>(0.15 + uniform(key + 5));
        sum += event.weight[static_cast<std::size_t>(k)];
        ++k;
    }
    std::sort(event.weight.begin(), event.weight.begin() + shape.perToken, std::greater<>());
    for (int k = 0; k < shape.perToken; ++k)
        event.weight[static_cast<std::size_t>(k)] *= static_cast<float>(1.5 / sum);
    return event;
}

} // namespace

api::ModelCard sampleCard(const SampleShape& shape) {
    api::ModelCard card;
    card.name = "sample-v4";
    card.family = "deepseek_v4";
    card.contextLength = 1 << 20;
    card.vocabularySize = 4096;
    card.hiddenSize = 128;
    card.routedExperts = shape.experts;
    card.expertsPerToken = shape.perToken;
    card.weightBytes = 5'200'000ULL * static_cast<std::uint64_t>(shape.layers) / 6;
    for (int layer = 0; layer < shape.layers; ++layer) {
        const int ratio = attentionRatio(layer);
        card.layers.push_back({ratio == 0   ? api::AttentionKind::SlidingWindow
                               : ratio == 4 ? api::AttentionKind::CompressedSparse
                                            : api::AttentionKind::HeavilyCompressed,
                               ratio, layer < shape.hashLayers ? api::RouterKind::Hash : api::RouterKind::Learned});
    }
    card.kv = {{"packed 584 + FP4 68", 82.0 * shape.layers, 74'752ULL * static_cast<std::uint64_t>(shape.layers)},
               {"V3.2 FP8", 788.0 * shape.layers, 0},
               {"GQA-8 bf16", 4096.0 * shape.layers, 0}};
    return card;
}

telemetry::KvEvent sampleKv(const SampleShape& shape, SessionId session, std::int64_t tokens) {
    using telemetry::KvPart;
    telemetry::KvEvent kv;
    kv.session = session;
    kv.tokens = tokens;
    for (int layer = 0; layer < shape.layers; ++layer) {
        const int ratio = attentionRatio(layer);
        kv.bytes[KvPart::Window] += static_cast<std::uint64_t>(std::min<std::int64_t>(tokens, 128)) * 584;
        if (ratio == 4) {
            kv.bytes[KvPart::SparseEntries] += static_cast<std::uint64_t>(tokens / 4) * 584;
            kv.bytes[KvPart::IndexKeys] += static_cast<std::uint64_t>(tokens / 4) * 68;
            kv.bytes[KvPart::CompressorState] += 61'440;
        } else if (ratio > 4) {
            kv.bytes[KvPart::HeavyEntries] += static_cast<std::uint64_t>(tokens / ratio) * 584;
            kv.bytes[KvPart::CompressorState] += 524'288;
        }
    }
    kv.reservedBytes = kv.bytes.total() + 65'536;
    return kv;
}

api::MemoryPlan samplePlan(const SampleShape& shape, const std::vector<std::int64_t>& contexts) {
    api::MemoryPlan plan;
    plan.weightBytes = sampleCard(shape).weightBytes;
    plan.scratchBytes = 3'400'000;
    plan.memoryAvailableBytes = 8ULL << 30;
    for (const auto context : contexts) {
        const auto kv = sampleKv(shape, SessionId{1}, context);
        api::PlannedMemory p;
        p.context = context;
        p.kv = kv.bytes;
        p.v32Bytes = static_cast<std::uint64_t>(context) * 788 * static_cast<std::uint64_t>(shape.layers);
        p.gqaBytes = static_cast<std::uint64_t>(context) * 4096 * static_cast<std::uint64_t>(shape.layers);
        plan.plans.push_back(p);
    }
    return plan;
}

std::vector<telemetry::Record> sampleToken(const SampleShape& shape, GenerationId generation, SessionId session,
                                           std::int64_t position, TokenPhase phase) {
    std::vector<telemetry::Record> records;
    const auto word = static_cast<std::int64_t>(words().size());
    telemetry::TokenEvent token;
    token.generation = generation;
    token.position = Position{position};
    token.token = TokenId{static_cast<std::int32_t>(position % word)};
    token.phase = phase;
    if (phase == TokenPhase::Generated) {
        const double sure = uniform(shape.seed + static_cast<std::uint64_t>(position));
        token.probability = static_cast<float>(0.03 + 0.96 * std::sqrt(sure));
        token.sampledProbability = std::min(1.0F, token.probability * 1.2F);
        token.entropy = static_cast<float>(4.0 * (1 - std::sqrt(sure)));
        token.rank = sure < 0.1 ? 2 : sure < 0.25 ? 1 : 0;
        token.timeNs = position * 5'000'000;
        if (position % 2 == 1) { // every second token was guessed ahead, three of four rightly
            const bool isRight = position % 8 != 7;
            token.guess = isRight ? telemetry::GuessOutcome::Right : telemetry::GuessOutcome::Wrong;
            token.guessed = isRight ? token.token : TokenId{static_cast<std::int32_t>((position + 3) % word)};
            token.gainNs = isRight ? 2'000'000 : -500'000;
        }
        token.beforeCount = telemetry::kMaxAlternatives;
        token.afterCount = 4;
        double rest = 1;
        for (int i = 0; i < telemetry::kMaxAlternatives; ++i) {
            const bool isChosen = static_cast<std::uint32_t>(i) == token.rank;
            const double p = isChosen ? std::min<double>(token.probability, rest) : rest * 0.35;
            const auto other = static_cast<std::int32_t>((position + 7 * (i + 1)) % word);
            token.before[static_cast<std::size_t>(i)] = {isChosen ? token.token : TokenId{other},
                                                         static_cast<float>(p)};
            rest -= p;
        }
        std::stable_sort(token.before.begin(), token.before.end(),
                         [](const auto& a, const auto& b) { return a.probability > b.probability; });
        double kept = 0;
        for (int i = 0; i < 4; ++i)
            kept += token.before[static_cast<std::size_t>(i)].probability;
        for (std::size_t i = 0; i < 4; ++i)
            token.after[i] = {token.before[i].token, static_cast<float>(token.before[i].probability / kept)};
    }
    records.emplace_back(token);
    for (int layer = 0; layer < shape.layers; ++layer)
        records.emplace_back(routing(shape, generation, position, layer));
    for (int kind = 0; kind <= static_cast<int>(telemetry::SpanKind::Sampler); ++kind)
        records.emplace_back(telemetry::SpanEvent{static_cast<telemetry::SpanKind>(kind), LayerId{-1}, 1,
                                                  position * 5'000'000, 200'000 + 37'000 * kind});
    records.emplace_back(sampleKv(shape, session, position + 1));
    return records;
}

std::vector<api::Event> sampleRun(const SampleShape& shape, SessionId session, GenerationId generation) {
    std::vector<api::Event> events;
    events.emplace_back(api::ModelLoaded{{}, sampleCard(shape), 0.4});
    events.emplace_back(api::SessionOpened{{}, session, KvFormat::Packed, 1 << 20});
    api::GenerationStarted started;
    started.generation = generation;
    started.session = session;
    started.promptTokens = shape.prompt;
    events.emplace_back(started);
    api::TokenTexts texts;
    for (std::size_t i = 0; i < words().size(); ++i) {
        texts.tokens.push_back(TokenId{static_cast<std::int32_t>(i)});
        texts.texts.push_back(words()[i]);
    }
    events.emplace_back(texts);
    events.emplace_back(api::Records{{telemetry::MemoryEvent{sampleCard(shape).weightBytes, 3'400'000, 96'000'000}}});
    for (int position = 0; position < shape.prompt + shape.generated; ++position)
        events.emplace_back(
            api::Records{sampleToken(shape, generation, session, position,
                                     position < shape.prompt ? TokenPhase::Prompt : TokenPhase::Generated)});
    api::GenerationFinished finished;
    finished.generation = generation;
    finished.reason = api::FinishReason::EndToken;
    finished.promptTokens = shape.prompt;
    finished.generatedTokens = shape.generated;
    events.emplace_back(finished);
    return events;
}

} // namespace bathy::testing
