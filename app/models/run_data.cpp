#include "app/models/run_data.h"

#include <algorithm>

namespace bathy::models {
namespace {

std::size_t chunkOf(std::int64_t position) {
    return static_cast<std::size_t>(position / kChunkTokens);
}
int slotOf(std::int64_t position) {
    return static_cast<int>(position % kChunkTokens);
}

} // namespace

const TokenRow* RunData::token(std::int64_t position) const {
    if (position < 0 || position >= tokenCount || chunkOf(position) >= chunks.size())
        return nullptr;
    return chunks[chunkOf(position)]->token(slotOf(position));
}

const TokenAlternatives* RunData::alternatives(std::int64_t position) const {
    return token(position) ? chunks[chunkOf(position)]->alternatives(slotOf(position)) : nullptr;
}

std::vector<RoutedExpert> RunData::routing(std::int64_t position, int layer) const {
    if (position < 0 || chunkOf(position) >= chunks.size())
        return {};
    const auto found = chunks[chunkOf(position)]->routing(slotOf(position), layer);
    return {found.begin(), found.end()};
}

const AnswerRange* RunData::answerAt(std::int64_t position) const {
    const auto found = std::find_if(answers.rbegin(), answers.rend(), [position](const AnswerRange& answer) {
        return position >= answer.begin && position < answer.end;
    });
    return found == answers.rend() ? nullptr : &*found;
}

void RunData::addTotals(ExpertTotals& sums, std::int64_t begin, std::int64_t end) const {
    const auto stored = static_cast<std::int64_t>(chunks.size()) * kChunkTokens;
    for (auto position = std::max<std::int64_t>(begin, 0); position < std::min(end, stored); ++position) {
        const auto& chunk = *chunks[chunkOf(position)];
        const int rows = std::min(chunk.layers(), sums.layers());
        for (int layer = 0; layer < rows; ++layer)
            for (const auto& chosen : chunk.routing(slotOf(position), layer))
                if (chosen.expert < sums.experts())
                    sums.add(layer, chosen.expert, chosen.weight);
    }
}

} // namespace bathy::models
