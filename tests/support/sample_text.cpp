#include "tests/support/sample_text.h"

#include <array>

namespace bathy::testing {
namespace {

constexpr std::array kWords{"the ",    "model ",  "reads ", "a ",       "**bold** ",
                            "`code` ", "window ", "of ",    "tokens, ", "then "};

} // namespace

std::string sampleWords(int count, int seed) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text += kWords[static_cast<std::size_t>(i * 7 + seed) % kWords.size()];
    return text;
}

std::string sampleSection(int seed) {
    std::string code;
    for (int line = 0; line < 6; ++line)
        code += sampleWords(10, seed) + "\n";
    return "\n\n## Part " + std::to_string(seed) + "\n\n" + sampleWords(120, seed) + "\n\n- " + sampleWords(20, seed) +
           "\n- " + sampleWords(20, seed + 1) + "\n\n```cpp\n" + code + "```\n\n| a | b |\n|---|---|\n| " +
           sampleWords(5, seed) + "| 2 |\n\n";
}

} // namespace bathy::testing
