#include "widgets/common/picture_export.h"

#include <QImage>
#include <QImageWriter>
#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace bathy::widgets {

QString savePng(const QString& path, QSize size, double scale, const PaintFunction& paint) {
    QImage image(size * scale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    image.fill(Qt::white);
    {
        QPainter painter(&image);
        paint(painter, size);
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return file.errorString();
    QImageWriter writer(&file, "png");
    if (!writer.write(image))
        return writer.errorString();
    return file.commit() ? QString() : file.errorString();
}

QString saveSvg(const QString& path, QSize size, const QString& title, const PaintFunction& paint) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return file.errorString();
    QSvgGenerator svg;
    svg.setOutputDevice(&file);
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(0, 0), size));
    svg.setTitle(title);
    svg.setResolution(96); // one unit of the file = one pixel of the view
    {
        QPainter painter(&svg);
        paint(painter, size);
    }
    return file.commit() ? QString() : file.errorString();
}

} // namespace bathy::widgets
