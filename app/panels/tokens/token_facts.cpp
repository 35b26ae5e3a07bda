#include "app/panels/tokens/token_facts.h"

#include "app/models/token_display.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace bathy::panels {
namespace {

constexpr std::int64_t kShownOfRange = 40; // tokens whose text is put together for a range

QString tr(const char* text) {
    return QCoreApplication::translate("TokensPanel", text);
}

QString percent(double share) {
    const double p = share * 100;
    return QStringLiteral("%1 %").arg(p, 0, 'f', p > 0 && p < 0.095 ? 3 : 1);
}

models::PlainCell numberCell(double number, const QString& text) {
    return {text, number};
}
models::PlainCell numberCell(qint64 number) {
    return {QString::number(number), number};
}

widgets::BarListData bars(const models::RunData& run, const models::TokenRow& chosen, const QString& title,
                          std::span<const telemetry::Alternative> alternatives, int series) {
    widgets::BarListData list;
    list.title = title;
    for (const auto& alternative : alternatives) {
        const auto text = tokenText(run, alternative.token);
        list.rows.push_back(
            {text, alternative.probability, percent(alternative.probability), series, alternative.token == chosen.token,
             std::nullopt,
             tr("%1 (id %2): %3").arg(text).arg(raw(alternative.token)).arg(percent(alternative.probability))});
    }
    return list;
}

void addAlternatives(TokenFacts& card, const models::RunData& run, std::int64_t position, const models::TokenRow& row) {
    const auto* alternatives = run.alternatives(position);
    if (!alternatives)
        return;
    card.before = bars(run, row, tr("What the model would say"), alternatives->beforeSpan(), 0);
    card.after = bars(run, row, tr("After the sampler"), alternatives->afterSpan(), 2);
    const auto tabulate = [&](const QString& name, std::span<const telemetry::Alternative> list) {
        qint64 place = 1;
        for (const auto& a : list)
            card.alternativesTable.push_back({{name, {}},
                                              numberCell(place++),
                                              numberCell(raw(a.token)),
                                              {tokenText(run, a.token), {}},
                                              numberCell(a.probability, percent(a.probability))});
    };
    tabulate(tr("model"), alternatives->beforeSpan());
    tabulate(tr("sampler"), alternatives->afterSpan());
}

void addExperts(TokenFacts& card, const models::RunData& run, std::int64_t position) {
    card.experts.title = tr("Experts by layer");
    bool any = false;
    for (int layer = 0; layer < run.layers; ++layer) {
        widgets::SegmentRow row;
        row.label = QString::number(layer);
        row.hatched = run.card && layer < static_cast<int>(run.card->layers.size()) &&
                      run.card->layers[static_cast<std::size_t>(layer)].router == api::RouterKind::Hash;
        qint64 place = 1;
        for (const auto& chosen : run.routing(position, layer)) {
            row.segments.push_back({chosen.expert, chosen.weight});
            card.expertsTable.push_back({numberCell(layer), numberCell(place++), numberCell(chosen.expert),
                                         numberCell(chosen.weight, QString::number(chosen.weight, 'f', 4))});
            any = true;
        }
        card.experts.rows.push_back(std::move(row));
    }
    if (any)
        return;
    card.experts.rows.clear();
    const auto* token = run.token(position);
    card.expertsMissing =
        position < run.routingKeptFrom ? tr("The experts of this token were let go to save memory.")
        : token && !token->isGenerated()
            ? tr("The experts of prompt tokens are not kept with a conversation. Replay the answer to see them.")
            : tr("No experts yet: the model reads a token when it goes on to the next one.");
}

QString timeWon(std::int64_t gainNs) {
    const auto ms = QString::number(std::abs(static_cast<double>(gainNs)) * 1e-6, 'f', 2);
    return gainNs >= 0 ? tr("%1 ms won").arg(ms) : tr("%1 ms lost").arg(ms);
}

QString guessText(const models::RunData& run, const models::TokenRow& row) {
    return row.guess == telemetry::GuessOutcome::Right
               ? tr("right, %1").arg(timeWon(row.gainNs))
               : tr("wrong, “%1”, %2").arg(tokenText(run, row.guessed), timeWon(row.gainNs));
}

void describeOne(TokenFacts& card, const models::RunData& run, std::int64_t position) {
    const auto* row = run.token(position);
    if (!row) {
        card.title = tr("Token %1 was not recorded").arg(position);
        return;
    }
    const auto bytes = run.texts->bytes(row->token);
    card.title = tokenText(run, row->token);
    card.facts = {{tr("Position"), QLocale().toString(static_cast<qlonglong>(position))},
                  {tr("Id"), QString::number(raw(row->token))},
                  {tr("Bytes"), bytes.empty() ? QStringLiteral("–") : models::hexBytes(bytes)}};
    if (row->isGenerated()) {
        card.facts.emplace_back(tr("Rank"), tr("%1").arg(static_cast<qint64>(row->rank) + 1));
        card.facts.emplace_back(tr("Probability"), percent(row->probability));
        card.facts.emplace_back(tr("As sampled"), percent(row->sampledProbability));
        card.facts.emplace_back(tr("Entropy"), tr("%1 nats").arg(row->entropy, 0, 'f', 2));
        if (row->guess != telemetry::GuessOutcome::None)
            card.facts.emplace_back(tr("Guessed ahead"), guessText(run, *row));
    } else {
        card.facts.emplace_back(tr("Part"), tr("prompt"));
    }
    addAlternatives(card, run, position, *row);
    addExperts(card, run, position);
}

void describeSeveral(TokenFacts& card, const models::RunData& run) {
    double logSum = 0;
    double entropy = 0;
    qint64 generated = 0;
    std::int64_t firstNs = 0;
    std::int64_t lastNs = 0;
    std::string bytes;
    for (auto position = card.tokens.begin; position < card.tokens.end; ++position) {
        const auto* row = run.token(position);
        if (!row)
            continue;
        if (position < card.tokens.begin + kShownOfRange)
            bytes += run.texts->bytes(row->token);
        if (!row->isGenerated())
            continue;
        logSum += std::log(std::max<double>(row->probability, 1e-30));
        entropy += row->entropy;
        firstNs = generated == 0 ? row->timeNs : firstNs;
        lastNs = row->timeNs;
        ++generated;
    }
    card.title = models::visibleText(bytes) + (card.tokens.size() > kShownOfRange ? QStringLiteral("…") : QString());
    card.facts = {{tr("Positions"), tr("%1 to %2").arg(card.tokens.begin).arg(card.tokens.end - 1)},
                  {tr("Tokens"), QLocale().toString(static_cast<qlonglong>(card.tokens.size()))}};
    if (generated > 0) {
        card.facts.emplace_back(tr("Mean probability"), percent(std::exp(logSum / static_cast<double>(generated))));
        card.facts.emplace_back(tr("Perplexity"),
                                QString::number(std::exp(-logSum / static_cast<double>(generated)), 'f', 2));
        card.facts.emplace_back(tr("Mean entropy"),
                                tr("%1 nats").arg(entropy / static_cast<double>(generated), 0, 'f', 2));
    }
    if (generated > 0)
        card.facts.emplace_back(tr("Guesses"), guessSummary(run, card.tokens));
    if (generated > 1 && lastNs > firstNs)
        card.facts.emplace_back(
            tr("Speed"),
            tr("%1 tokens/s")
                .arg(static_cast<double>(generated - 1) * 1e9 / static_cast<double>(lastNs - firstNs), 0, 'f', 1));
    card.expertsMissing = tr("Several tokens are selected: the routing panel shows their experts together.");
}

} // namespace

QString tokenText(const models::RunData& run, TokenId token) {
    if (!run.texts->knows(token))
        return QStringLiteral("#%1").arg(raw(token));
    const auto name = models::specialName(run.texts->bytes(token));
    return name.isEmpty() ? models::visibleText(run.texts->bytes(token)) : QStringLiteral("<%1>").arg(name);
}

QString guessSummary(const models::RunData& run, bridge::TokenRange range) {
    qint64 right = 0, all = 0;
    std::int64_t gainNs = 0;
    for (auto position = range.begin; position < range.end; ++position) {
        const auto* row = run.token(position);
        if (!row)
            continue;
        all += row->guess != telemetry::GuessOutcome::None;
        right += row->guess == telemetry::GuessOutcome::Right;
        gainNs += row->gainNs;
    }
    return all == 0 ? tr("Nothing was guessed ahead.")
                    : tr("%1 of %2 guesses were right; %3.").arg(right).arg(all).arg(timeWon(gainNs));
}

QString tokenTip(const models::RunData& run, std::int64_t position) {
    const auto* row = run.token(position);
    if (!row)
        return tr("Token %1 was not recorded").arg(position);
    auto text = tr("“%1”, token %2 at position %3").arg(tokenText(run, row->token)).arg(raw(row->token)).arg(position);
    if (row->isGenerated())
        text += QLatin1Char('\n') + tr("probability %1, rank %2, entropy %3 nats")
                                        .arg(percent(row->probability))
                                        .arg(static_cast<qint64>(row->rank) + 1)
                                        .arg(row->entropy, 0, 'f', 2);
    if (row->guess != telemetry::GuessOutcome::None)
        text += QLatin1Char('\n') + tr("guessed ahead: %1").arg(guessText(run, *row));
    return text;
}

TokenFacts tokenFacts(const models::RunDataPtr& run, const bridge::SelectionState& selected) {
    TokenFacts card;
    if (!run || run->tokenCount == 0)
        return card;
    card.tokens =
        selected.tokens.isEmpty() ? bridge::TokenRange{run->tokenCount - 1, run->tokenCount} : selected.tokens;
    if (card.tokens.size() == 1)
        describeOne(card, *run, card.tokens.begin);
    else
        describeSeveral(card, *run);
    return card;
}

} // namespace bathy::panels
