#include "engine/evaluate/text_windows.h"

#include <algorithm>

namespace bathy::evaluate {

std::vector<TextWindow> textWindows(std::int64_t tokens, std::int64_t context, bool beginToken) {
    const auto width = context - (beginToken ? 1 : 0);
    const auto stride = width / 2;
    std::vector<TextWindow> windows;
    std::int64_t scored = beginToken ? 0 : 1;
    for (std::int64_t begin = 0; scored < tokens; begin += stride) {
        const auto end = std::min(begin + width, tokens);
        windows.push_back({begin, scored, end});
        scored = end;
    }
    return windows;
}

} // namespace bathy::evaluate
