#include "app/shell/overlay/software_raster.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace bathy::shell {
namespace {

struct Alphas {
    const unsigned char* pixels = nullptr;
    int width = 0;
    int height = 0;

    unsigned at(float u, float v) const {
        const int x = std::clamp(static_cast<int>(u * static_cast<float>(width)), 0, width - 1);
        const int y = std::clamp(static_cast<int>(v * static_cast<float>(height)), 0, height - 1);
        return pixels[y * width + x];
    }
};

struct Target {
    quint32* pixels;
    int stride; // pixels
    QRect clip; // device pixels

    void blend(int x, int y, ImU32 colour, unsigned coverage) {
        const unsigned alpha = (colour >> IM_COL32_A_SHIFT & 255U) * coverage / 255U;
        if (alpha == 0)
            return;
        const auto over = [alpha](unsigned source, unsigned below) {
            return (source * alpha + below * (255U - alpha) + 127U) / 255U;
        };
        quint32& pixel =
            pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(x)];
        pixel = over(255, pixel >> 24) << 24 | over(colour >> IM_COL32_R_SHIFT & 255U, pixel >> 16 & 255U) << 16 |
                over(colour >> IM_COL32_G_SHIFT & 255U, pixel >> 8 & 255U) << 8 |
                over(colour >> IM_COL32_B_SHIFT & 255U, pixel & 255U);
    }
};

struct Corner {
    float x, y, u, v;
    ImU32 colour;
};

using Triangle = std::array<Corner, 3>;

// Pixels whose centre lies in [from, to).
int firstPixel(float from) {
    return static_cast<int>(std::ceil(from - 0.5F));
}

// Glyphs and filled rectangles come as two triangles round one axis-aligned rectangle of one colour.
bool isRectangle(const Triangle& first, const Triangle& second) {
    const auto& [a, b, c] = first;
    const Corner& d = second[2];
    return second[0].x == a.x && second[0].y == a.y && second[1].x == c.x && second[1].y == c.y && a.y == b.y &&
           b.x == c.x && c.y == d.y && d.x == a.x && a.colour == b.colour && a.colour == c.colour &&
           a.colour == d.colour;
}

void fillRectangle(Target& target, const Alphas& alphas, const Corner& a, const Corner& c) {
    const QRect area = QRect(QPoint(firstPixel(std::min(a.x, c.x)), firstPixel(std::min(a.y, c.y))),
                             QPoint(firstPixel(std::max(a.x, c.x)) - 1, firstPixel(std::max(a.y, c.y)) - 1)) &
                       target.clip;
    const bool textured = a.u != c.u || a.v != c.v;
    for (int y = area.top(); y <= area.bottom(); ++y)
        for (int x = area.left(); x <= area.right(); ++x) {
            unsigned coverage = 255;
            if (textured)
                coverage = alphas.at(a.u + (static_cast<float>(x) + 0.5F - a.x) / (c.x - a.x) * (c.u - a.u),
                                     a.v + (static_cast<float>(y) + 0.5F - a.y) / (c.y - a.y) * (c.v - a.v));
            target.blend(x, y, a.colour, coverage);
        }
}

ImU32 mix(const Triangle& corners, float w0, float w1, float w2) {
    ImU32 mixed = 0;
    for (const int shift : {0, 8, 16, 24}) {
        const auto channel = [&](int i) {
            return static_cast<float>(corners[static_cast<std::size_t>(i)].colour >> shift & 255U);
        };
        mixed |= static_cast<ImU32>(w0 * channel(0) + w1 * channel(1) + w2 * channel(2) + 0.5F) << shift;
    }
    return mixed;
}

void fillTriangle(Target& target, const Alphas& alphas, const Triangle& t) {
    const float area = (t[1].x - t[0].x) * (t[2].y - t[0].y) - (t[2].x - t[0].x) * (t[1].y - t[0].y);
    if (std::fabs(area) < 1e-6F)
        return;
    const auto [left, right] = std::minmax({t[0].x, t[1].x, t[2].x});
    const auto [top, bottom] = std::minmax({t[0].y, t[1].y, t[2].y});
    const QRect box =
        QRect(QPoint(firstPixel(left), firstPixel(top)), QPoint(firstPixel(right), firstPixel(bottom))) & target.clip;
    for (int y = box.top(); y <= box.bottom(); ++y)
        for (int x = box.left(); x <= box.right(); ++x) {
            const float px = static_cast<float>(x) + 0.5F;
            const float py = static_cast<float>(y) + 0.5F;
            const float w1 = ((px - t[0].x) * (t[2].y - t[0].y) - (t[2].x - t[0].x) * (py - t[0].y)) / area;
            const float w2 = ((t[1].x - t[0].x) * (py - t[0].y) - (px - t[0].x) * (t[1].y - t[0].y)) / area;
            const float w0 = 1.0F - w1 - w2;
            if (w0 < 0 || w1 < 0 || w2 < 0)
                continue;
            target.blend(x, y, mix(t, w0, w1, w2),
                         alphas.at(w0 * t[0].u + w1 * t[1].u + w2 * t[2].u, w0 * t[0].v + w1 * t[1].v + w2 * t[2].v));
        }
}

Triangle triangleAt(const ImDrawList& list, const ImDrawCmd& command, unsigned element, float scale) {
    Triangle triangle{};
    for (unsigned i = 0; i < 3; ++i) {
        const auto index = list.IdxBuffer[static_cast<int>(command.IdxOffset + element + i)];
        const ImDrawVert& vertex = list.VtxBuffer[static_cast<int>(command.VtxOffset + index)];
        triangle[i] = {vertex.pos.x * scale, vertex.pos.y * scale, vertex.uv.x, vertex.uv.y, vertex.col};
    }
    return triangle;
}

void drawCommand(Target& target, const Alphas& alphas, const ImDrawList& list, const ImDrawCmd& command, float scale) {
    for (unsigned element = 0; element + 2 < command.ElemCount; element += 3) {
        const auto triangle = triangleAt(list, command, element, scale);
        if (element + 5 < command.ElemCount) {
            const auto next = triangleAt(list, command, element + 3, scale);
            if (isRectangle(triangle, next)) {
                fillRectangle(target, alphas, triangle[0], triangle[2]);
                element += 3;
                continue;
            }
        }
        fillTriangle(target, alphas, triangle);
    }
}

} // namespace

void rasterise(const ImDrawData& data, ImFontAtlas& fonts, double scale, QImage& image) {
    image.fill(Qt::transparent);
    Alphas alphas;
    unsigned char* pixels = nullptr;
    fonts.GetTexDataAsAlpha8(&pixels, &alphas.width, &alphas.height);
    alphas.pixels = pixels;
    const auto factor = static_cast<float>(scale);
    for (int i = 0; i < data.CmdListsCount; ++i) {
        const ImDrawList& list = *data.CmdLists[i];
        for (const ImDrawCmd& command : list.CmdBuffer) {
            const QRect clip(
                QPoint(static_cast<int>(command.ClipRect.x * factor), static_cast<int>(command.ClipRect.y * factor)),
                QPoint(static_cast<int>(command.ClipRect.z * factor) - 1,
                       static_cast<int>(command.ClipRect.w * factor) - 1));
            Target target{reinterpret_cast<quint32*>(image.bits()), static_cast<int>(image.bytesPerLine() / 4),
                          clip & image.rect()};
            if (!target.clip.isEmpty())
                drawCommand(target, alphas, list, command, factor);
        }
    }
}

} // namespace bathy::shell
