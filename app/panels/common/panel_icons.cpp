#include "app/panels/common/panel_icons.h"

#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

namespace bathy::panels {
namespace {

constexpr int kGrid = 16; // the icons are drawn on a grid of 16 × 16

void draw(QPainter& painter, PanelIcon icon) {
    switch (icon) {
    case PanelIcon::LockOpen:
    case PanelIcon::LockClosed: {
        painter.drawRoundedRect(QRectF(3.5, 7.5, 9, 6), 1, 1);
        QPainterPath shackle(QPointF(5.5, 7.5));
        shackle.lineTo(5.5, 5);
        shackle.arcTo(QRectF(5.5, 2.5, 5, 5), 180, -180);
        if (icon == PanelIcon::LockClosed) {
            shackle.lineTo(10.5, 7.5);
            painter.fillRect(QRectF(3.5, 7.5, 9, 6), painter.pen().color());
        }
        painter.drawPath(shackle);
        return;
    }
    case PanelIcon::Table:
        painter.drawRect(QRectF(2.5, 3.5, 11, 9));
        for (const double y : {6.5, 9.5})
            painter.drawLine(QPointF(2.5, y), QPointF(13.5, y));
        painter.drawLine(QPointF(6.5, 3.5), QPointF(6.5, 12.5));
        return;
    case PanelIcon::Export:
        painter.drawPolyline(QPolygonF{{3.5, 8.5}, {3.5, 13.5}, {12.5, 13.5}, {12.5, 8.5}});
        painter.drawLine(QPointF(8, 10.5), QPointF(8, 2.5));
        painter.drawPolyline(QPolygonF{{5.2, 5.3}, {8, 2.5}, {10.8, 5.3}});
        return;
    case PanelIcon::Copy:
        painter.drawRect(QRectF(2.5, 5.5, 7, 8));
        painter.drawPolyline(QPolygonF{{5.5, 5.5}, {5.5, 2.5}, {12.5, 2.5}, {12.5, 10.5}, {9.5, 10.5}});
        return;
    }
}

} // namespace

QIcon panelIcon(PanelIcon icon, const QPalette& palette) {
    QIcon result;
    for (const int scale : {1, 2, 3}) {
        QPixmap pixmap(kGrid * scale, kGrid * scale);
        pixmap.setDevicePixelRatio(scale);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(palette.color(QPalette::WindowText), 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        draw(painter, icon);
        painter.end();
        result.addPixmap(pixmap);
    }
    return result;
}

} // namespace bathy::panels
