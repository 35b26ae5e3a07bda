#include "app/shell/overlay/imgui_overlay.h"
#include "app/shell/overlay/performance_page.h"

#include <QTest>

namespace bathy::shell {
namespace {

models::EngineStats busyEngine() {
    models::EngineStats stats;
    stats.events = 1200;
    stats.records = 51000;
    stats.tokens = 200;
    stats.drops = {.droppedRouting = 3, .droppedSpans = 7, .ringUsed = 100, .ringCapacity = 400};
    stats.memory = {.weightsMappedBytes = 5U << 20, .scratchBytes = 1U << 20, .residentBytes = 90U << 20};
    stats.add({telemetry::SpanKind::Experts, LayerId{2}, 1, 0, 250'000});
    return stats;
}

int paintedPixels(const QImage& image) {
    int painted = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            painted += qAlpha(image.pixel(x, y)) > 0;
    return painted;
}

} // namespace

class OverlayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void open_paintsThePage_closedHoldsNothing() {
        QWidget window;
        window.resize(900, 800);
        window.show();
        const auto stats = busyEngine();
        PerformancePage page([&]() -> const models::EngineStats& { return stats; });
        double last = 0;
        ImGuiOverlay overlay([&] { page.draw(last); }, &window);
        QVERIFY(!overlay.isOpen() && !overlay.isVisible());
        overlay.setOpen(true);
        QVERIFY(overlay.isVisible());
        QTest::qWait(120);
        const auto image = overlay.grab().toImage().convertToFormat(QImage::Format_ARGB32);
        QVERIFY(paintedPixels(image) > image.width() * image.height() / 2);
        last = overlay.lastFrameMs();
        QVERIFY(last > 0);
        if (qEnvironmentVariableIsSet("BATHY_SAVE_PICTURES"))
            window.grab().save(qEnvironmentVariable("BATHY_SAVE_PICTURES") + QStringLiteral("/overlay.png"));
        overlay.setOpen(false);
        QVERIFY(!overlay.isVisible() && !overlay.isOpen());
    }

    void window_resized_keepsThePaneInside() {
        QWidget window;
        window.resize(1200, 800);
        window.show();
        const auto stats = busyEngine();
        PerformancePage page([&]() -> const models::EngineStats& { return stats; });
        ImGuiOverlay overlay([&] { page.draw(0); }, &window);
        overlay.setOpen(true);
        window.resize(420, 400);
        QTest::qWait(50);
        QVERIFY(window.rect().contains(overlay.geometry()));
    }
};

} // namespace bathy::shell

QTEST_MAIN(bathy::shell::OverlayTest)
#include "test_overlay.moc"
