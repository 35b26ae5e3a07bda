// Draws what Dear ImGui wants drawn into a QImage, on the CPU: no graphics API, the same picture on every platform.
// Pure but for the image it is given.
#pragma once

#include <QImage>

struct ImDrawData;
struct ImFontAtlas;

namespace bathy::shell {

// `scale`: device pixels per ImGui unit. `image` is cleared first; ARGB32_Premultiplied.
void rasterise(const ImDrawData& data, ImFontAtlas& fonts, double scale, QImage& image);

} // namespace bathy::shell
