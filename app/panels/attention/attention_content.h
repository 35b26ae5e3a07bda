// The conversation as the attention panel shows it: every token tinted by how much of the attention went to it, and the
// passages that had most of it as text. UI thread.
#pragma once

#include "app/models/evidence.h"
#include "app/models/plain_table.h"
#include "app/panels/common/token_glyphs.h"
#include "widgets/minimap/minimap_data.h"

#include <QString>

namespace bathy::panels {

// Which token looked, for the one that is selected: one that the model wrote came from looking back from the token
// before it; one that it was given looks back itself. -1: none.
std::int64_t askedPosition(const models::RunData& run, std::int64_t token);

// The text of tokens [begin, end) on one line, elided in the middle of nothing: whole tokens.
QString excerpt(const models::RunData& run, std::int64_t begin, std::int64_t end);
// "3.4 %"
QString shareText(double share);

class AttentionContent {
public:
    // Tokens that were not read have no tint.
    std::shared_ptr<const widgets::TokenStripData> strip(const models::RunData& run, const models::Evidence& evidence);

private:
    TokenGlyphs m_glyphs;
};

std::shared_ptr<const widgets::MinimapData> minimapOf(const models::RunData& run, const models::Evidence& evidence,
                                                      std::int64_t selected, std::size_t marks);

using Cells = std::vector<std::vector<models::PlainCell>>;
Cells passageCells(const models::RunData& run, const models::Evidence& evidence); // place, share, first, last, text
// Layer, kind, tokens a compressed entry, share of chosen or compressed entries, of the window, of nothing.
Cells layerCells(const models::RunData& run, const api::ProbeAnswer& answer);

QString kindText(api::AttentionKind kind);

} // namespace bathy::panels
