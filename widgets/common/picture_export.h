// Writes what a view paints to a PNG or SVG file.
#pragma once

#include <QSize>
#include <QString>

#include <functional>

class QPainter;

namespace bathy::widgets {

using PaintFunction = std::function<void(QPainter&, QSize)>; // paints the whole of the size, background included

// Each returns what went wrong in the system's words, empty when nothing did.
QString savePng(const QString& path, QSize size, double scale, const PaintFunction& paint);
QString saveSvg(const QString& path, QSize size, const QString& title, const PaintFunction& paint);

} // namespace bathy::widgets
