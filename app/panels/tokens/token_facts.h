// What the token card says about one token, or about several: plain data made from a snapshot. Pure.
#pragma once

#include "app/bridge/selection.h"
#include "app/models/plain_table.h"
#include "app/models/run_data.h"
#include "widgets/bars/bar_list_data.h"
#include "widgets/segments/segment_rows_data.h"

#include <QString>

#include <utility>
#include <vector>

namespace bathy::panels {

struct TokenFacts {
    bridge::TokenRange tokens; // that are spoken of; empty: nothing
    QString title;             // its text
    std::vector<std::pair<QString, QString>> facts;
    widgets::BarListData before; // alternatives in the raw distribution
    widgets::BarListData after;  // after the sampler's stages
    widgets::SegmentRowsData experts;
    QString expertsMissing;                                        // why there are none; empty when there are some
    std::vector<std::vector<models::PlainCell>> alternativesTable; // distribution, place, id, text, probability
    std::vector<std::vector<models::PlainCell>> expertsTable;      // layer, place, expert, weight
};

// Nothing selected: the newest token.
TokenFacts tokenFacts(const models::RunDataPtr& run, const bridge::SelectionState& selected);

QString tokenText(const models::RunData& run,
                  TokenId token); // visible text, <name> of a special one, #id of an unknown one
// "34 of 50 guesses were right; 120 ms won." of the tokens in a range; says so when nothing was guessed.
QString guessSummary(const models::RunData& run, bridge::TokenRange range);
QString tokenTip(const models::RunData& run, std::int64_t position);

} // namespace bathy::panels
