// Markdown for measurements: headings, paragraphs, lists, code and tables in the mix of a long answer. The same seed
// gives the same text.
#pragma once

#include <string>

namespace bathy::testing {

// A word and a space each, about five characters, as tokenizers cut English.
std::string sampleWords(int count, int seed);
// A chapter of about 230 tokens.
std::string sampleSection(int seed);

} // namespace bathy::testing
