#include "engine/cli/capture_summary.h"

#include <algorithm>

namespace bathy::cli {

namespace {

class Summarizer {
public:
    CaptureSummary summary;

    void operator()(const api::ModelLoaded& event) { summary.model = event.card.name; }
    void operator()(const api::GenerationStarted& event) { generation(event.generation); }
    void operator()(const api::GenerationFinished& event) { generation(event.generation).finished = true; }
    void operator()(const api::Records& event) {
        for (const auto& record : event.records)
            std::visit(*this, record);
    }
    template <class Other>
    void operator()(const Other& /*event*/) {}

    void operator()(const telemetry::TokenEvent& token) {
        if (token.phase == telemetry::TokenPhase::Prompt) {
            ++summary.promptTokens;
            return;
        }
        ++summary.generatedTokens;
        generation(token.generation).tokens.push_back(token.token);
    }
    void operator()(const telemetry::RoutingEvent& routing) {
        ++summary.routing;
        std::vector<std::uint16_t> experts(routing.expert.begin(), routing.expert.begin() + routing.count);
        std::sort(experts.begin(), experts.end());
        generation(routing.generation).routes[{raw(routing.position), raw(routing.layer)}] = std::move(experts);
    }
    void operator()(const telemetry::SpanEvent& /*span*/) { ++summary.spans; }
    void operator()(const telemetry::DropEvent& drop) { summary.dropped = drop.droppedRouting + drop.droppedSpans; }

private:
    CapturedGeneration& generation(GenerationId id) {
        auto& all = summary.generations;
        const auto found = std::find_if(all.rbegin(), all.rend(), [&](const auto& g) { return g.id == id; });
        if (found != all.rend())
            return *found;
        all.push_back({id, {}, false, {}});
        return all.back();
    }
};

} // namespace

Result<CaptureSummary> summarize(const wire::CaptureReader& reader) {
    Summarizer summarizer;
    for (std::size_t i = 0; i < reader.eventCount(); ++i) {
        BATHY_TRY(const auto event, reader.read(i));
        std::visit(summarizer, event);
    }
    summarizer.summary.events = reader.eventCount();
    return std::move(summarizer.summary);
}

Json summaryJson(const CaptureSummary& summary, const wire::CaptureReader& reader) {
    auto generations = Json::array();
    for (const auto& generation : summary.generations) {
        auto tokens = Json::array();
        for (const auto token : generation.tokens)
            tokens.push_back(raw(token));
        generations.push_back(
            {{"generation", raw(generation.id)}, {"finished", generation.finished}, {"tokens", std::move(tokens)}});
    }
    return {{"model", summary.model},
            {"build", reader.build()},
            {"indexed", reader.indexed()},
            {"lost_bytes", reader.lostBytes()},
            {"events", summary.events},
            {"prompt_tokens", summary.promptTokens},
            {"generated_tokens", summary.generatedTokens},
            {"routing", summary.routing},
            {"spans", summary.spans},
            {"dropped", summary.dropped},
            {"generations", std::move(generations)}};
}

CaptureDifference compare(const CaptureSummary& a, const CaptureSummary& b) {
    CaptureDifference difference;
    const auto differs = [&](std::string line) {
        difference.equal = false;
        difference.lines.push_back(std::move(line));
    };
    if (a.generations.size() != b.generations.size())
        differs(std::to_string(a.generations.size()) + " generations against " + std::to_string(b.generations.size()));
    for (std::size_t g = 0; g < std::min(a.generations.size(), b.generations.size()); ++g) {
        const auto& left = a.generations[g];
        const auto& right = b.generations[g];
        const auto parted =
            std::mismatch(left.tokens.begin(), left.tokens.end(), right.tokens.begin(), right.tokens.end());
        const auto same = static_cast<std::int64_t>(parted.first - left.tokens.begin());
        const auto before = static_cast<std::int64_t>(difference.tokensCompared);
        difference.tokensCompared += std::max(left.tokens.size(), right.tokens.size());
        if (parted.first != left.tokens.end() || parted.second != right.tokens.end()) {
            if (!difference.firstToken)
                difference.firstToken = before + same;
            differs("generation " + std::to_string(g + 1) + " parts after " + std::to_string(same) + " of " +
                    std::to_string(left.tokens.size()) + " and " + std::to_string(right.tokens.size()) + " tokens");
        }
        std::uint64_t routesDifferent = 0;
        for (const auto& [place, experts] : left.routes) {
            const auto other = right.routes.find(place);
            if (other == right.routes.end())
                continue; // dropped or not reached there: nothing to compare
            ++difference.routesCompared;
            routesDifferent += experts != other->second ? 1 : 0;
        }
        difference.routesDifferent += routesDifferent;
        if (routesDifferent > 0)
            differs("generation " + std::to_string(g + 1) + ": other experts in " + std::to_string(routesDifferent) +
                    " of " + std::to_string(difference.routesCompared) + " choices");
    }
    return difference;
}

} // namespace bathy::cli
