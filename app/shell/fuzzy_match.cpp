#include "app/shell/fuzzy_match.h"

namespace bathy::shell {
namespace {

constexpr int kWordStart = 12; // a letter that begins a word
constexpr int kRun = 8;        // a letter right after the one before
constexpr int kLetter = 1;

bool beginsWord(const QString& text, qsizetype at) {
    return at == 0 || !text[at - 1].isLetterOrNumber();
}

} // namespace

std::optional<int> fuzzyScore(const QString& query, const QString& text) {
    int score = 0;
    qsizetype at = 0;
    qsizetype previous = -2;
    for (const QChar wanted : query) {
        if (wanted.isSpace())
            continue;
        // Prefer the next word's start over the next plain occurrence.
        qsizetype found = -1;
        for (qsizetype i = at; i < text.size(); ++i) {
            if (text[i].toLower() != wanted.toLower())
                continue;
            if (i == previous + 1 || beginsWord(text, i)) {
                found = i;
                break;
            }
            if (found < 0)
                found = i;
        }
        if (found < 0)
            return std::nullopt;
        score += kLetter + (beginsWord(text, found) ? kWordStart : 0) + (found == previous + 1 ? kRun : 0);
        previous = found;
        at = found + 1;
    }
    return query.trimmed().isEmpty() ? 0 : score * 4 - static_cast<int>(text.size()) / 8;
}

} // namespace bathy::shell
