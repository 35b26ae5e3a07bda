#include "app/panels/common/token_glyphs.h"

#include "app/models/token_display.h"

#include <limits>

namespace bathy::panels {
namespace {

constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min(); // key of the glyph for a gap

} // namespace

bool TokenGlyphs::begin(const models::RunData& run) {
    if (run.texts == m_texts)
        return false;
    m_texts = run.texts;
    m_glyphs = std::make_shared<std::vector<widgets::TokenGlyph>>();
    m_indexes.clear();
    return true;
}

std::int32_t TokenGlyphs::indexOf(const models::RunData& run, std::int64_t position) {
    const auto* row = run.token(position);
    const bool isKnown = row && run.texts->knows(row->token);
    const std::int64_t key = !row ? kMissing : isKnown ? raw(row->token) : -1 - std::int64_t{raw(row->token)};
    const auto [found, isNew] = m_indexes.try_emplace(key, static_cast<std::int32_t>(m_glyphs->size()));
    if (isNew) {
        widgets::TokenGlyph glyph{QStringLiteral("…"), false, false};
        if (isKnown) {
            const auto bytes = run.texts->bytes(row->token);
            const auto name = models::specialName(bytes);
            glyph = {name.isEmpty() ? models::visibleText(bytes) : name, models::endsLine(bytes), !name.isEmpty()};
        } else if (row) {
            glyph.text = QStringLiteral("#%1").arg(raw(row->token));
        }
        m_glyphs->push_back(std::move(glyph));
    }
    return found->second;
}

} // namespace bathy::panels
