// How tokens are drawn in strips: one glyph for each token of the vocabulary that was met. Remembers what it made. UI
// thread.
#pragma once

#include "app/models/run_data.h"
#include "widgets/token_strip/token_strip_data.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace bathy::panels {

class TokenGlyphs {
public:
    // To be called before indexes are asked for. True when another model's texts made all earlier indexes void.
    bool begin(const models::RunData& run);
    std::int32_t indexOf(const models::RunData& run, std::int64_t position);
    // Grows with indexOf().
    std::shared_ptr<const std::vector<widgets::TokenGlyph>> all() const { return m_glyphs; }

private:
    std::shared_ptr<std::vector<widgets::TokenGlyph>> m_glyphs = std::make_shared<std::vector<widgets::TokenGlyph>>();
    std::unordered_map<std::int64_t, std::int32_t> m_indexes; // token id, or -1 - id while its text is unknown
    std::shared_ptr<const models::TokenTexts> m_texts;
};

} // namespace bathy::panels
