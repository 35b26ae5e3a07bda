#include "engine/kv/sequence_cache.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace bathy::kv {
namespace {

// A stand-in for a model: every row and entry is a hash of all tokens up to it, so that anything stale shows.
class ToySequence {
public:
    ToySequence(const std::vector<LayerCacheSpec>& specs, const SequenceCache::Options& options)
        : cache(*SequenceCache::create(specs, options)), m_specs(specs) {}

    void feed(const std::vector<std::int64_t>& tokens) {
        ASSERT_TRUE(cache.beginStep(static_cast<std::int64_t>(tokens.size())));
        write(tokens, tokens.size());
        cache.commitStep();
        m_tokens.insert(m_tokens.end(), tokens.begin(), tokens.end());
    }
    void feedAndUndo(const std::vector<std::int64_t>& tokens, std::size_t layersWritten) {
        ASSERT_TRUE(cache.beginStep(static_cast<std::int64_t>(tokens.size())));
        write(tokens, tokens.size(), layersWritten);
        cache.undoStep();
    }
    std::int64_t truncate(std::int64_t position) {
        const auto reached = cache.truncate(position);
        m_tokens.resize(static_cast<std::size_t>(reached));
        return reached;
    }
    // Everything that the next token would read must be what the tokens say.
    void check(SequenceCache& sequence) const {
        const auto length = sequence.length();
        for (std::size_t l = 0; l < m_specs.size(); ++l) {
            auto& layer = sequence.layer(l);
            checkRing(layer.window, m_specs[l].windowBegin(length), length);
            checkRing(layer.state, m_specs[l].stateBegin(length), length);
            for (std::int64_t w = 0; w < m_specs[l].entryCount(length); ++w)
                ASSERT_EQ(get(layer.entries.row(w)), valueAt((w + 1) * m_specs[l].ratio - 1)) << "entry " << w;
        }
    }
    void check() { check(cache); }

    SequenceCache cache;

private:
    static std::int64_t get(const std::byte* row) {
        std::int64_t value = 0;
        std::memcpy(&value, row, sizeof value);
        return value;
    }
    void checkRing(const RowRing& ring, std::int64_t begin, std::int64_t end) const {
        if (ring.capacity() == 0)
            return;
        for (auto p = begin; p < end; ++p) {
            ASSERT_TRUE(ring.holds(p, end)) << p;
            ASSERT_EQ(get(ring.row(p)), valueAt(p)) << p;
        }
    }
    static std::int64_t hash(const std::vector<std::int64_t>& tokens, std::int64_t position) {
        std::uint64_t h = 1;
        for (std::int64_t p = 0; p <= position; ++p)
            h = h * 6364136223846793005u + static_cast<std::uint64_t>(tokens[static_cast<std::size_t>(p)]) + 1;
        return static_cast<std::int64_t>(h);
    }
    std::int64_t valueAt(std::int64_t position) const { return hash(m_tokens, position); }

    void write(const std::vector<std::int64_t>& tokens, std::size_t count, std::size_t layers = 1000) {
        auto all = m_tokens;
        all.insert(all.end(), tokens.begin(), tokens.end());
        const auto first = cache.length();
        std::vector<std::int64_t> rows;
        for (std::size_t i = 0; i < count; ++i)
            rows.push_back(hash(all, first + static_cast<std::int64_t>(i)));
        for (std::size_t l = 0; l < std::min(layers, m_specs.size()); ++l) {
            auto& layer = cache.layer(l);
            const auto* bytes = reinterpret_cast<const std::byte*>(rows.data());
            layer.window.put(first, static_cast<std::int64_t>(count), bytes);
            layer.state.put(first, static_cast<std::int64_t>(count), bytes);
            const auto end = first + static_cast<std::int64_t>(count);
            for (auto w = m_specs[l].entryCount(first); w < m_specs[l].entryCount(end); ++w) {
                const auto value = hash(all, (w + 1) * m_specs[l].ratio - 1);
                std::memcpy(layer.entries.row(w), &value, sizeof value);
            }
        }
    }

    std::vector<LayerCacheSpec> m_specs;
    std::vector<std::int64_t> m_tokens;
};

std::vector<LayerCacheSpec> threeKinds() {
    LayerCacheSpec window;
    window.windowTokens = 8;
    window.rowBytes = 8;
    LayerCacheSpec sparse = window;
    sparse.entries = EntryKind::CompressedSparse;
    sparse.ratio = 4;
    sparse.overlap = true;
    sparse.stateRowBytes = 8;
    LayerCacheSpec heavy = window;
    heavy.entries = EntryKind::HeavilyCompressed;
    heavy.ratio = 16;
    heavy.stateRowBytes = 8;
    return {window, sparse, heavy};
}

std::vector<std::int64_t> randomTokens(std::mt19937& random, std::size_t count) {
    std::vector<std::int64_t> tokens(count);
    for (auto& token : tokens)
        token = static_cast<std::int64_t>(random() % 1000);
    return tokens;
}

TEST(SequenceCache, Any_mix_of_steps_returns_and_undone_steps_leaves_what_a_fresh_run_would) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20; ++round) {
        ToySequence sequence(threeKinds(), {4096, 5, 3});
        for (int step = 0; step < 60; ++step) {
            const auto length = sequence.cache.length();
            switch (random() % 6) {
            case 0:
                sequence.feed(randomTokens(random, 1 + random() % 60));
                break;
            case 1:
                sequence.feedAndUndo(randomTokens(random, 1 + random() % 60), random() % 4);
                break;
            case 2: {
                const auto wanted = static_cast<std::int64_t>(random() % static_cast<unsigned>(length + 1));
                EXPECT_LE(sequence.truncate(wanted), wanted);
                break;
            }
            case 3:
                sequence.cache.keepCheckpoint();
                break;
            default:
                sequence.feed(randomTokens(random, 1));
            }
            ASSERT_NO_FATAL_FAILURE(sequence.check());
        }
    }
}

TEST(SequenceCache, The_slack_can_always_be_taken_back) {
    std::mt19937 random(1);
    for (std::int64_t length = 1; length < 80; ++length) {
        for (std::int64_t back = 0; back <= std::min<std::int64_t>(5, length); ++back) {
            ToySequence sequence(threeKinds(), {4096, 5, 0});
            sequence.feed(randomTokens(random, static_cast<std::size_t>(length)));
            EXPECT_EQ(sequence.truncate(length - back), length - back);
            ASSERT_NO_FATAL_FAILURE(sequence.check());
        }
    }
}

TEST(SequenceCache, Further_back_leads_to_the_nearest_checkpoint_or_to_zero) {
    std::mt19937 random(2);
    ToySequence sequence(threeKinds(), {4096, 2, 4});
    sequence.feed(randomTokens(random, 30));
    sequence.cache.keepCheckpoint();
    sequence.feed(randomTokens(random, 71));
    sequence.cache.keepCheckpoint();
    sequence.feed(randomTokens(random, 200));
    EXPECT_EQ(sequence.cache.reachable(180), 101);
    EXPECT_EQ(sequence.truncate(180), 101);
    ASSERT_NO_FATAL_FAILURE(sequence.check());
    EXPECT_EQ(sequence.truncate(60), 30);
    ASSERT_NO_FATAL_FAILURE(sequence.check());
    EXPECT_EQ(sequence.cache.checkpoints().size(), 1u); // the later one spoke of tokens that are gone
    sequence.feed(randomTokens(random, 100));
    EXPECT_EQ(sequence.truncate(10), 0);
}

TEST(SequenceCache, Too_many_checkpoints_lose_the_one_that_costs_least) {
    std::mt19937 random(3);
    ToySequence sequence(threeKinds(), {4096, 2, 3});
    for (const std::size_t tokens : {100u, 10u, 100u, 100u}) {
        sequence.feed(randomTokens(random, tokens));
        sequence.cache.keepCheckpoint();
    }
    const auto kept = sequence.cache.checkpoints();
    EXPECT_EQ(std::vector<std::int64_t>(kept.begin(), kept.end()), (std::vector<std::int64_t>{110, 210, 310}));
}

TEST(SequenceCache, Fork_is_independent_of_its_origin) {
    std::mt19937 random(4);
    ToySequence sequence(threeKinds(), {4096, 4, 2});
    sequence.feed(randomTokens(random, 50));
    auto fork = sequence.cache.fork(48);
    ASSERT_TRUE(fork);
    EXPECT_EQ(fork->length(), 48);
    ASSERT_NO_FATAL_FAILURE(sequence.check(*fork));
    fork->layer(1).entries.row(0)[0] = std::byte{0xff};
    fork->layer(0).window.restore({});
    ASSERT_NO_FATAL_FAILURE(sequence.check());
}

TEST(SequenceCache, Memory_counts_every_part) {
    std::mt19937 random(5);
    ToySequence sequence(threeKinds(), {4096, 3, 2});
    sequence.feed(randomTokens(random, 50));
    auto memory = sequence.cache.memory();
    EXPECT_EQ(memory.tokens, 50);
    EXPECT_EQ(memory.bytes[telemetry::KvPart::Window], 3u * 8 * 8);
    EXPECT_EQ(memory.bytes[telemetry::KvPart::SparseEntries], 12u * 8);
    EXPECT_EQ(memory.bytes[telemetry::KvPart::HeavyEntries], 3u * 8);
    EXPECT_EQ(memory.bytes[telemetry::KvPart::CompressorState], (8u + 16u) * 8);
    EXPECT_EQ(memory.bytes[telemetry::KvPart::Checkpoints], 0u);
    sequence.cache.keepCheckpoint();
    memory = sequence.cache.memory();
    EXPECT_EQ(memory.bytes[telemetry::KvPart::Checkpoints], (3u * 11 + 11 + 19) * 8);
    EXPECT_GE(memory.reservedBytes, memory.bytes.total());
    EXPECT_EQ(sequence.truncate(0), 0);
    EXPECT_EQ(sequence.cache.memory().bytes.total(), 0u);
}

TEST(SequenceCache, More_tokens_than_the_maximum_are_an_error_and_change_nothing) {
    std::mt19937 random(6);
    ToySequence sequence(threeKinds(), {1000, 3, 2});
    sequence.feed(randomTokens(random, 50));
    const auto step = sequence.cache.beginStep(1'000'000'000);
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code(), ErrorCode::OutOfMemory);
    ASSERT_NO_FATAL_FAILURE(sequence.check());
}

} // namespace
} // namespace bathy::kv
