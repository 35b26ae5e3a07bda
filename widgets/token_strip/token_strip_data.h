// A text as the tokens it is made of. Immutable once handed to a view; the glyphs only grow and are shared. UI thread.
#pragma once

#include <QString>

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

namespace bathy::widgets {

struct TokenGlyph { // how one entry of the vocabulary is shown
    QString text;
    bool endsLine = false;
    bool isMark = false; // stands for something other than its text: drawn as a pill
};

struct TokenItem {
    std::int64_t position = 0;
    std::int32_t glyph = 0; // index into glyphs
    float value = NAN;      // what it is tinted by; NaN: not tinted
};

struct TokenStripData {
    std::vector<TokenItem> items; // positions ascend by one, without gaps
    std::shared_ptr<const std::vector<TokenGlyph>> glyphs = std::make_shared<std::vector<TokenGlyph>>();

    // Index of the item at a position; -1: not here.
    int indexOf(std::int64_t position) const {
        const auto offset = items.empty() ? -1 : position - items.front().position;
        return offset >= 0 && offset < static_cast<std::int64_t>(items.size()) ? static_cast<int>(offset) : -1;
    }
};

} // namespace bathy::widgets
