#include "app/models/run_builder.h"

#include <algorithm>
#include <utility>

namespace bathy::models {
namespace {

int expertsPerToken(const api::ModelCard* card) {
    return card ? std::clamp(card->expertsPerToken, 0, telemetry::kMaxExpertsPerToken) : 0;
}

// The object behind a shared pointer, copied first when a snapshot holds it too.
template <class T>
T& own(std::shared_ptr<const T>& shared) {
    if (!shared || shared.use_count() > 1)
        shared = shared ? std::make_shared<T>(*shared) : std::make_shared<T>();
    return const_cast<T&>(*shared); // made above as non-const, and nobody else holds it
}

const std::shared_ptr<const TokenChunk>& emptyChunk() {
    static const std::shared_ptr<const TokenChunk> kEmpty = std::make_shared<TokenChunk>();
    return kEmpty;
}

} // namespace

RunBuilder::RunBuilder(SessionId session, std::shared_ptr<const api::ModelCard> card,
                       std::shared_ptr<const TokenTexts> texts, std::size_t routingBudgetBytes)
    : m_routingBudget(routingBudgetBytes) {
    m_data.session = session;
    m_data.layers = card ? static_cast<int>(card->layers.size()) : 0;
    m_data.experts = card ? std::max(card->routedExperts, 0) : 0;
    m_data.card = std::move(card);
    m_data.texts = std::move(texts);
    m_data.totals = std::make_shared<ExpertTotals>(m_data.layers, m_data.experts);
    m_data.kv = std::make_shared<KvHistory>();
}

ExpertTotals& RunBuilder::totals() {
    return own(m_data.totals);
}
KvHistory& RunBuilder::kv() {
    return own(m_data.kv);
}

void RunBuilder::touch() {
    ++m_data.revision;
    m_dirty = true;
    m_snapshot.reset();
}

TokenChunk& RunBuilder::chunkFor(std::int64_t position) {
    const auto index = static_cast<std::size_t>(position / kChunkTokens);
    while (m_data.chunks.size() <= index)
        m_data.chunks.push_back(emptyChunk());
    return own(m_data.chunks[index]);
}

void RunBuilder::setToken(const telemetry::TokenEvent& event) {
    touch();
    const auto position = raw(event.position);
    chunkFor(position).setToken(static_cast<int>(position % kChunkTokens), event);
    m_data.tokenCount = std::max(m_data.tokenCount, position + 1);
    if (event.phase != telemetry::TokenPhase::Generated)
        return;
    auto& answers = m_data.answers;
    if (answers.empty() || answers.back().generation != event.generation)
        answers.push_back({event.generation, position, position, false});
    answers.back().end = std::max(answers.back().end, position + 1);
}

void RunBuilder::setRouting(std::int64_t position, int layer, std::span<const RoutedExpert> experts) {
    if (experts.empty())
        return;
    touch();
    int highest = 0;
    for (const auto& chosen : experts)
        highest = std::max<int>(highest, chosen.expert);
    auto& sums = totals();
    m_data.layers = std::max(m_data.layers, layer + 1);
    m_data.experts = std::max(m_data.experts, highest + 1);
    sums.makeRoom(m_data.layers, m_data.experts);

    const int slot = static_cast<int>(position % kChunkTokens);
    if (static_cast<std::size_t>(position / kChunkTokens) >= m_firstChunkWithRouting) {
        auto& chunk = chunkFor(position);
        const auto before = chunk.routingBytes();
        chunk.makeRoom(m_data.layers, std::max(expertsPerToken(m_data.card.get()), static_cast<int>(experts.size())));
        for (const auto& old : chunk.routing(slot, layer))
            sums.remove(layer, old.expert, old.weight); // told twice: the newer counts
        chunk.setRouting(slot, layer, experts);
        m_routingBytes += chunk.routingBytes() - before;
    }
    for (const auto& chosen : experts)
        sums.add(layer, chosen.expert, chosen.weight);
    keepWithinBudget();
}

void RunBuilder::keepWithinBudget() {
    // The newest chunk always stays, whatever the budget.
    while (m_routingBytes > m_routingBudget && m_firstChunkWithRouting + 1 < m_data.chunks.size()) {
        auto& oldest = m_data.chunks[m_firstChunkWithRouting++];
        m_data.routingKeptFrom = static_cast<std::int64_t>(m_firstChunkWithRouting) * kChunkTokens;
        if (!oldest->hasRouting())
            continue;
        m_routingBytes -= oldest->routingBytes();
        own(oldest).dropRouting();
    }
}

void RunBuilder::addKv(const telemetry::KvEvent& event) {
    touch();
    kv().add(event);
}

void RunBuilder::startAnswer(GenerationId generation, std::int64_t reusedTokens, std::int64_t promptTokens) {
    touch();
    cut(reusedTokens);
    m_data.answers.push_back({generation, promptTokens, promptTokens, false});
}

void RunBuilder::finishAnswer(GenerationId generation) {
    const auto found = std::find_if(m_data.answers.rbegin(), m_data.answers.rend(),
                                    [generation](const AnswerRange& a) { return a.generation == generation; });
    if (found == m_data.answers.rend() || found->finished)
        return;
    touch();
    found->finished = true;
}

void RunBuilder::removeTotals(const TokenChunk& chunk, int fromSlot) {
    auto& sums = totals();
    for (int slot = fromSlot; slot < kChunkTokens; ++slot)
        for (int layer = 0; layer < chunk.layers(); ++layer)
            for (const auto& chosen : chunk.routing(slot, layer))
                sums.remove(layer, chosen.expert, chosen.weight);
}

void RunBuilder::cut(std::int64_t tokens) {
    const auto keptChunks = static_cast<std::size_t>((tokens + kChunkTokens - 1) / kChunkTokens);
    if (tokens >= static_cast<std::int64_t>(m_data.chunks.size()) * kChunkTokens)
        return;
    touch();
    ++m_data.epoch;
    const int slot = static_cast<int>(tokens % kChunkTokens);
    const bool reachesForgotten = tokens < m_data.routingKeptFrom;
    if (slot != 0) {
        removeTotals(*m_data.chunks[keptChunks - 1], slot);
        own(m_data.chunks[keptChunks - 1]).cut(slot);
    }
    for (auto i = keptChunks; i < m_data.chunks.size(); ++i) {
        removeTotals(*m_data.chunks[i], 0);
        m_routingBytes -= m_data.chunks[i]->routingBytes();
    }
    m_data.chunks.resize(keptChunks);
    if (reachesForgotten) {
        // What these tokens had added to the totals is no longer known, so counting starts anew here.
        m_data.totals = std::make_shared<ExpertTotals>(m_data.layers, m_data.experts);
        m_data.totalsFrom = tokens;
        m_data.routingKeptFrom = tokens;
        m_firstChunkWithRouting = static_cast<std::size_t>(tokens / kChunkTokens);
    }
    if (tokens == 0)
        m_data.totalsFrom = m_data.routingKeptFrom = 0;
    m_data.tokenCount = std::min(m_data.tokenCount, tokens);
    kv().cut(tokens);
    std::erase_if(m_data.answers, [tokens](const AnswerRange& answer) { return answer.begin >= tokens; });
    for (auto& answer : m_data.answers)
        answer.end = std::min(answer.end, tokens);
}

RunDataPtr RunBuilder::snapshot() const {
    if (!m_snapshot)
        m_snapshot = std::make_shared<RunData>(m_data);
    return m_snapshot;
}

bool RunBuilder::takeDirty() {
    return std::exchange(m_dirty, false);
}

} // namespace bathy::models
