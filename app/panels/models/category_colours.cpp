#include "app/panels/models/category_colours.h"

#include <algorithm>
#include <cmath>

namespace bathy::panels {

QColor categoryColour(const QPalette& palette, int index) {
    constexpr float kHueStep = 0.381966F; // the golden angle: any number of hues stay apart
    float hue = 0, saturation = 0, lightness = 0;
    palette.color(QPalette::Highlight).getHslF(&hue, &saturation, &lightness);
    const bool dark = palette.color(QPalette::Base).lightnessF() < 0.5F;
    const float level = (dark ? 0.45F : 0.40F) + 0.13F * static_cast<float>(index % 3);
    return QColor::fromHslF(std::fmod(std::max(hue, 0.0F) + kHueStep * static_cast<float>(index), 1.0F),
                            std::max(0.35F, saturation * 0.55F), level);
}

} // namespace bathy::panels
