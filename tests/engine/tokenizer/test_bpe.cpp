#include "engine/tokenizer/bpe.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace bathy::tokenizer {
namespace {

// By the definition: look for the lowest rank, leftmost first, until there is none.
std::vector<TokenId> slowMerge(const std::string& word, const std::vector<Merge>& merges) {
    std::vector<std::int32_t> tokens;
    for (const char c : word)
        tokens.push_back(static_cast<std::uint8_t>(c));
    while (true) {
        std::size_t bestRank = merges.size();
        std::size_t bestAt = 0;
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
            for (std::size_t rank = 0; rank < bestRank; ++rank)
                if (merges[rank].left == tokens[i] && merges[rank].right == tokens[i + 1]) {
                    bestRank = rank;
                    bestAt = i;
                }
        if (bestRank == merges.size())
            break;
        tokens[bestAt] = merges[bestRank].merged;
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(bestAt) + 1);
    }
    std::vector<TokenId> ids;
    for (const auto token : tokens)
        ids.push_back(TokenId{token});
    return ids;
}

std::array<std::int32_t, 256> identity() {
    std::array<std::int32_t, 256> ids{};
    for (std::size_t i = 0; i < 256; ++i)
        ids[i] = static_cast<std::int32_t>(i);
    return ids;
}

TEST(Bpe, encode_randomMergesAndWords_equalTheDefinition) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int round = 0; round < 60; ++round) {
        std::vector<Merge> merges;
        std::map<std::pair<std::int32_t, std::int32_t>, bool> seen;
        std::vector<std::int32_t> known = {'a', 'b', 'c'};
        for (int i = 0; i < 24; ++i) {
            const auto left = known[random() % known.size()];
            const auto right = known[random() % known.size()];
            if (seen[{left, right}])
                continue;
            seen[{left, right}] = true;
            merges.push_back({left, right, 256 + i});
            known.push_back(256 + i);
        }
        const Bpe bpe(identity(), merges, {});
        Bpe::Scratch scratch;
        for (const std::size_t length : {1, 2, 7, 30, 48, 49, 120}) {
            std::string word;
            for (std::size_t i = 0; i < length; ++i)
                word.push_back(static_cast<char>('a' + random() % 3));
            std::vector<TokenId> ids;
            bpe.encode(word, scratch, ids);
            ASSERT_EQ(ids, slowMerge(word, merges)) << word;
        }
    }
}

TEST(Bpe, encode_wholeWord_skipsMerging) {
    const std::vector<Merge> merges = {{'a', 'b', 256}};
    const Bpe bpe(identity(), merges, {{"abc", 300}});
    Bpe::Scratch scratch;
    std::vector<TokenId> ids;
    bpe.encode("abc", scratch, ids);
    bpe.encode("abcd", scratch, ids);
    EXPECT_EQ(ids, (std::vector<TokenId>{TokenId{300}, TokenId{256}, TokenId{'c'}, TokenId{'d'}}));
}

TEST(Bpe, encode_emptyWord_givesNothing) {
    const Bpe bpe(identity(), {}, {});
    Bpe::Scratch scratch;
    std::vector<TokenId> ids;
    bpe.encode("", scratch, ids);
    EXPECT_TRUE(ids.empty());
}

} // namespace
} // namespace bathy::tokenizer
