#include "tests/support/shots.h"

#include "app/shell/theme.h"

#include <QApplication>
#include <QDir>
#include <QImage>
#include <QPainter>
#include <QStyleFactory>
#include <QTest>
#include <QWidget>

namespace bathy::testing {

void saveShots(QWidget& widget, const QString& name) {
    const auto folder = qEnvironmentVariable("BATHY_SHOTS");
    if (folder.isEmpty())
        return;
    QDir().mkpath(folder);
    const auto before = QApplication::palette();
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    for (const bool dark : {false, true}) {
        QApplication::setPalette(dark ? shell::Theme::darkPalette() : shell::Theme::lightPalette());
        QTest::qWait(120); // longer than the interval of live updates
        for (const int scale : {1, 2}) {
            QImage image(widget.size() * scale, QImage::Format_ARGB32_Premultiplied);
            image.setDevicePixelRatio(scale);
            image.fill(QApplication::palette().color(QPalette::Window));
            widget.render(&image, {}, {}, QWidget::DrawWindowBackground | QWidget::DrawChildren);
            image.save(QStringLiteral("%1/%2-%3-%4x.png")
                           .arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light"))
                           .arg(scale));
        }
    }
    QApplication::setPalette(before);
}

} // namespace bathy::testing
