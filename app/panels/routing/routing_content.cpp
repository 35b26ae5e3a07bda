#include "app/panels/routing/routing_content.h"

#include "app/models/run_routing_table.h"
#include "app/models/token_display.h"

#include <QCoreApplication>

#include <algorithm>

namespace bathy::panels {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("RoutingPanel", text);
}

bool isRouted(const models::RunData& run, std::int64_t position) {
    for (int layer = 0; layer < run.layers; ++layer)
        if (!run.routing(position, layer).empty())
            return true;
    return false;
}

bridge::TokenRange tokensOf(const models::RunData& run, const bridge::SelectionState& selected, RoutingScope scope) {
    switch (scope) {
    case RoutingScope::Conversation:
        return {0, run.tokenCount};
    case RoutingScope::Answer: {
        const auto* answer = selected.tokens.isEmpty() ? nullptr : run.answerAt(selected.tokens.begin);
        if (!answer)
            answer = run.lastAnswer();
        return answer && answer->end > answer->begin ? bridge::TokenRange{answer->begin, answer->end}
                                                     : bridge::TokenRange{0, run.tokenCount};
    }
    case RoutingScope::SelectedTokens:
        break;
    }
    if (!selected.tokens.isEmpty())
        return selected.tokens;
    // The newest token whose routing is known: that of the very last one comes with the next step.
    auto last = run.tokenCount - 1;
    if (last > 0 && !isRouted(run, last))
        --last;
    return {std::max<std::int64_t>(last, 0), last + 1};
}

double valueOf(const models::ExpertTotals& totals, RoutingMeasure measure, int layer, int expert) {
    switch (measure) {
    case RoutingMeasure::Times:
        return totals.count(layer, expert);
    case RoutingMeasure::AgainstEven:
        return totals.shareAgainstUniform(layer, expert);
    case RoutingMeasure::MeanWeight:
        return totals.meanWeight(layer, expert);
    }
    return 0;
}

bool isHashed(const models::RunData& run, int layer) {
    return run.card && layer < static_cast<int>(run.card->layers.size()) &&
           run.card->layers[static_cast<std::size_t>(layer)].router == api::RouterKind::Hash;
}

std::shared_ptr<const widgets::HeatmapData> mapOf(const RoutingContent& content, const std::vector<ExpertRef>& banned) {
    auto map = std::make_shared<widgets::HeatmapData>();
    const auto& totals = *content.totals;
    map->rows = totals.layers();
    map->columns = totals.experts();
    map->rowTitle = tr("layer");
    map->columnTitle = tr("expert");
    const bool hasBalance = content.tokens.size() > 1;
    if (hasBalance) {
        map->barTitle = tr("evenness");
        map->noteTitles = {tr("busiest"), tr("unused")};
    }
    map->values.reserve(static_cast<std::size_t>(map->rows) * static_cast<std::size_t>(map->columns));
    for (int layer = 0; layer < map->rows; ++layer) {
        for (int expert = 0; expert < map->columns; ++expert)
            map->values.push_back(static_cast<float>(valueOf(totals, content.measure, layer, expert)));
        widgets::HeatmapRow row;
        row.label = QString::number(layer);
        row.hatched = isHashed(*content.run, layer);
        if (hasBalance && totals.layerCount(layer) > 0) {
            const auto balance = totals.balance(layer);
            row.bar = balance.evenness;
            row.notes = {QStringLiteral("%1 %").arg(balance.busiestShare * 100, 0, 'f', 1),
                         QString::number(balance.unused)};
        }
        map->rowInfo.push_back(std::move(row));
    }
    for (const auto expert : banned)
        map->crossed.push_back({raw(expert.layer), raw(expert.expert)});
    return map;
}

QString tokenNames(const RoutingContent& content) {
    const auto& tokens = content.tokens;
    if (tokens.size() != 1)
        return tr("tokens %1 to %2").arg(tokens.begin).arg(tokens.end - 1);
    const auto* row = content.run->token(tokens.begin);
    if (!row || !content.run->texts->knows(row->token))
        return tr("token %1").arg(tokens.begin);
    return tr("token %1, “%2”").arg(tokens.begin).arg(models::visibleText(content.run->texts->bytes(row->token)));
}

} // namespace

RoutingContent routingContent(const models::RunDataPtr& run, const bridge::SelectionState& selected, RoutingScope scope,
                              RoutingMeasure measure, models::RangeTotals& cache,
                              const std::vector<ExpertRef>& banned) {
    RoutingContent content;
    content.scope = scope;
    content.measure = measure;
    content.run = run;
    content.map = std::make_shared<widgets::HeatmapData>();
    if (!run || run->tokenCount == 0 || run->layers == 0 || run->experts == 0)
        return content;
    content.tokens = tokensOf(*run, selected, scope);
    if (content.tokens.size() == 1)
        content.measure = RoutingMeasure::MeanWeight;
    content.totals = cache.of(run, content.tokens);
    if (content.totals->layers() == 0)
        return content;
    content.map = mapOf(content, banned);
    for (int layer = 0; layer < run->layers; ++layer)
        content.hasHashLayers |= isHashed(*run, layer);
    return content;
}

QString describeExpert(const RoutingContent& content, int layer, int expert) {
    const auto& totals = *content.totals;
    const auto times = totals.count(layer, expert);
    auto text = tr("Layer %1, expert %2").arg(layer).arg(expert);
    if (content.tokens.size() == 1) {
        text +=
            QLatin1Char('\n') +
            (times > 0 ? tr("chosen, weight %1").arg(totals.meanWeight(layer, expert), 0, 'f', 4) : tr("not chosen"));
    } else {
        text += QLatin1Char('\n') + tr("chosen %1 times in %2 choices").arg(times).arg(totals.layerCount(layer)) +
                QLatin1Char('\n') +
                tr("%1 times an even share").arg(totals.shareAgainstUniform(layer, expert), 0, 'f', 2) +
                QLatin1Char('\n') + tr("mean weight %1").arg(totals.meanWeight(layer, expert), 0, 'f', 4);
    }
    if (isHashed(*content.run, layer))
        text += QLatin1Char('\n') + tr("In this layer the token's number alone decides (hash routing).");
    return text;
}

QString formatMeasure(RoutingMeasure measure, double value) {
    switch (measure) {
    case RoutingMeasure::Times:
        return QString::number(std::lround(value));
    case RoutingMeasure::AgainstEven:
        return QStringLiteral("%1×").arg(value, 0, 'g', 3);
    case RoutingMeasure::MeanWeight:
        return QString::number(value, 'g', 3);
    }
    return {};
}

QString routingCaption(const RoutingContent& content) {
    if (content.map->isEmpty())
        return {};
    QString text = tr("Each row is a layer, each column one of its experts. ");
    if (content.tokens.size() == 1) {
        text += tr("Coloured: the experts that %1 was sent to, by their weight.").arg(tokenNames(content));
    } else {
        switch (content.measure) {
        case RoutingMeasure::Times:
            text += tr("Colour: how often an expert was chosen for %1.").arg(tokenNames(content));
            break;
        case RoutingMeasure::AgainstEven:
            text +=
                tr("Colour: an expert's share for %1; 1× is what an even spread would give.").arg(tokenNames(content));
            break;
        case RoutingMeasure::MeanWeight:
            text += tr("Colour: the mean weight of an expert where it was chosen, for %1.").arg(tokenNames(content));
            break;
        }
    }
    if (content.hasHashLayers)
        text += QLatin1Char(' ') +
                tr("Hatched layers choose by the token's number (hash routing), the others by its meaning.");
    if (!content.map->crossed.empty())
        text += QLatin1Char(' ') + tr("Struck out: knocked out, from the next answer on.");
    if (content.tokens.contains(0) && content.run->routingKeptFrom == 0 && !isRouted(*content.run, 0))
        text += QLatin1Char(' ') +
                tr("The choices for prompt tokens are not kept with a conversation; replay the answer to see them.");
    if (content.scope == RoutingScope::Conversation && content.run->totalsFrom > 0)
        text += QLatin1Char(' ') + tr("Tokens before %1 are no longer counted.").arg(content.run->totalsFrom);
    else if (content.tokens.begin < content.run->routingKeptFrom && content.scope != RoutingScope::Conversation)
        text += QLatin1Char(' ') +
                tr("Choices before token %1 were let go to save memory.").arg(content.run->routingKeptFrom);
    return text;
}

QString routingEmptyText(const api::ModelCard* card) {
    if (card && !card->layers.empty() && card->routedExperts == 0)
        return tr(
            "This model has no experts: every token goes through all of its weights, so there is no choice to show "
            "here.");
    return tr(
        "No routing yet.\n\nAsk the model something: the experts that each token is sent to light up here, while it "
        "reads and while it writes.");
}

} // namespace bathy::panels
