// How well a typed query fits a text: the letters must appear in order; starts of words and runs count more. Pure.
#pragma once

#include <QString>

#include <optional>

namespace bathy::shell {

// Nothing when a letter of the query is missing; otherwise higher is better. Case does not matter; an empty query
// scores 0.
std::optional<int> fuzzyScore(const QString& query, const QString& text);

} // namespace bathy::shell
