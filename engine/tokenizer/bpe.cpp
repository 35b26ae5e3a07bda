#include "engine/tokenizer/bpe.h"

#include <algorithm>
#include <functional>

namespace bathy::tokenizer {
namespace {

// Up to this many bytes looking at every pair beats keeping a heap.
constexpr std::size_t kShortWord = 48;

std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U | static_cast<std::uint32_t>(right);
}

// Joins the symbol with the one after it, which is then out of the list.
void unlinkNext(std::vector<Bpe::Symbol>& symbols, std::int32_t at, std::int32_t merged) {
    auto& symbol = symbols[static_cast<std::size_t>(at)];
    auto& gone = symbols[static_cast<std::size_t>(symbol.next)];
    symbol.token = merged;
    symbol.next = gone.next;
    gone.token = -1;
    gone.rank = FlatMap::kNone;
    if (symbol.next >= 0)
        symbols[static_cast<std::size_t>(symbol.next)].previous = at;
}

} // namespace

Bpe::Bpe(const std::array<std::int32_t, 256>& byteTokens, const std::vector<Merge>& merges,
         std::unordered_map<std::string, std::int32_t> wholeWords)
    : m_byteTokens(byteTokens), m_ranks(merges.size()), m_wholeWords(std::move(wholeWords)) {
    m_merged.reserve(merges.size());
    for (const auto& merge : merges) {
        m_ranks.set(pairKey(merge.left, merge.right), static_cast<std::uint32_t>(m_merged.size()));
        m_merged.push_back(merge.merged);
    }
}

std::uint32_t Bpe::rankOf(const std::vector<Symbol>& symbols, std::int32_t at) const {
    const auto& symbol = symbols[static_cast<std::size_t>(at)];
    if (symbol.next < 0)
        return FlatMap::kNone;
    return m_ranks.find(pairKey(symbol.token, symbols[static_cast<std::size_t>(symbol.next)].token));
}

void Bpe::encode(std::string_view word, Scratch& scratch, std::vector<TokenId>& out) const {
    if (!m_wholeWords.empty())
        if (const auto found = m_wholeWords.find(std::string(word)); found != m_wholeWords.end()) {
            out.push_back(TokenId{found->second});
            return;
        }
    auto& symbols = scratch.symbols;
    symbols.resize(word.size());
    const auto count = static_cast<std::int32_t>(word.size());
    for (std::int32_t i = 0; i < count; ++i)
        symbols[static_cast<std::size_t>(i)] = {
            m_byteTokens[static_cast<std::uint8_t>(word[static_cast<std::size_t>(i)])], i - 1,
            i + 1 < count ? i + 1 : -1, FlatMap::kNone};
    for (std::int32_t i = 0; i < count; ++i)
        symbols[static_cast<std::size_t>(i)].rank = rankOf(symbols, i);
    if (word.size() <= kShortWord)
        mergeShort(symbols);
    else
        mergeLong(scratch);
    for (const auto& symbol : symbols)
        if (symbol.token >= 0)
            out.push_back(TokenId{symbol.token});
}

void Bpe::mergeShort(std::vector<Symbol>& symbols) const {
    while (true) {
        const auto best = std::min_element(symbols.begin(), symbols.end(),
                                           [](const Symbol& a, const Symbol& b) { return a.rank < b.rank; });
        if (best == symbols.end() || best->rank == FlatMap::kNone)
            return;
        const auto at = static_cast<std::int32_t>(best - symbols.begin());
        unlinkNext(symbols, at, m_merged[best->rank]);
        best->rank = rankOf(symbols, at);
        if (best->previous >= 0)
            symbols[static_cast<std::size_t>(best->previous)].rank = rankOf(symbols, best->previous);
    }
}

void Bpe::mergeLong(Scratch& scratch) const {
    auto& symbols = scratch.symbols;
    auto& heap = scratch.heap;
    heap.clear();
    for (std::size_t i = 0; i < symbols.size(); ++i)
        if (symbols[i].rank != FlatMap::kNone)
            heap.push_back({symbols[i].rank, static_cast<std::int32_t>(i)});
    std::make_heap(heap.begin(), heap.end(), std::greater<>());
    const auto update = [&](std::int32_t at) {
        auto& symbol = symbols[static_cast<std::size_t>(at)];
        symbol.rank = rankOf(symbols, at);
        if (symbol.rank == FlatMap::kNone)
            return;
        heap.push_back({symbol.rank, at});
        std::push_heap(heap.begin(), heap.end(), std::greater<>());
    };
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), std::greater<>());
        const Candidate candidate = heap.back();
        heap.pop_back();
        auto& symbol = symbols[static_cast<std::size_t>(candidate.at)];
        // An entry is stale when a neighbour has been merged since: the pair, and so its rank, is another one now.
        if (symbol.token < 0 || symbol.rank != candidate.rank)
            continue;
        unlinkNext(symbols, candidate.at, m_merged[candidate.rank]);
        update(candidate.at);
        if (symbol.previous >= 0)
            update(symbol.previous);
    }
}

} // namespace bathy::tokenizer
