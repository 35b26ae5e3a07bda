#include "app/shell/overlay/imgui_overlay.h"

#include "app/shell/overlay/software_raster.h"

#include <QElapsedTimer>
#include <QMouseEvent>
#include <QPainter>

#include <imgui.h>

#include <algorithm>

namespace bathy::shell {
namespace {

constexpr int kWidth = 560;
constexpr int kHeight = 620;
constexpr int kMargin = 16;
constexpr int kFrameMs = 33; // thirty times a second: smooth for numbers, half a millisecond to two of work each

} // namespace

ImGuiOverlay::ImGuiOverlay(std::function<void()> page, QWidget* window) : QWidget(window), m_page(std::move(page)) {
    setObjectName(QStringLiteral("performanceOverlay"));
    setAccessibleName(tr("Performance overlay"));
    setMouseTracking(true);
    setAttribute(Qt::WA_TranslucentBackground);
    setAttribute(Qt::WA_NoSystemBackground);
    m_timer.setInterval(kFrameMs);
    connect(&m_timer, &QTimer::timeout, this, &ImGuiOverlay::frame);
    hide();
}

ImGuiOverlay::~ImGuiOverlay() {
    setOpen(false);
}

void ImGuiOverlay::setOpen(bool open) {
    if (open == isOpen())
        return;
    if (open) {
        m_context = ImGui::CreateContext();
        ImGui::SetCurrentContext(m_context);
        ImGui::GetIO().IniFilename = nullptr;
        ImGui::StyleColorsDark();
        parentWidget()->installEventFilter(this);
        place();
        show();
        raise();
        m_timer.start();
        frame();
    } else {
        m_timer.stop();
        hide();
        parentWidget()->removeEventFilter(this);
        ImGui::DestroyContext(m_context);
        m_context = nullptr;
        m_image = {};
    }
    Q_EMIT openChanged(open);
}

void ImGuiOverlay::place() {
    const auto area = parentWidget()->size();
    const QSize wanted(std::min(kWidth, area.width() - 2 * kMargin), std::min(kHeight, area.height() - 6 * kMargin));
    setGeometry(area.width() - wanted.width() - kMargin, 5 * kMargin, wanted.width(), wanted.height());
}

void ImGuiOverlay::frame() {
    QElapsedTimer clock;
    clock.start();
    ImGui::SetCurrentContext(m_context);
    auto& io = ImGui::GetIO();
    io.DisplaySize = ImVec2(static_cast<float>(width()), static_cast<float>(height()));
    io.DeltaTime = static_cast<float>(kFrameMs) / 1000.0F;
    unsigned char* pixels = nullptr;
    int atlasWidth = 0;
    int atlasHeight = 0;
    io.Fonts->GetTexDataAsAlpha8(&pixels, &atlasWidth, &atlasHeight); // builds the atlas the first time
    ImGui::NewFrame();
    m_page();
    ImGui::Render();
    const double scale = devicePixelRatioF();
    const QSize pixelsWanted = (QSizeF(size()) * scale).toSize();
    if (m_image.size() != pixelsWanted)
        m_image = QImage(pixelsWanted, QImage::Format_ARGB32_Premultiplied);
    m_image.setDevicePixelRatio(scale);
    if (!m_image.isNull())
        rasterise(*ImGui::GetDrawData(), *io.Fonts, scale, m_image);
    m_lastFrameMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    update();
}

void ImGuiOverlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.drawImage(0, 0, m_image);
}

void ImGuiOverlay::moveMouse(const QMouseEvent& event) {
    if (!m_context)
        return;
    ImGui::SetCurrentContext(m_context);
    auto& io = ImGui::GetIO();
    io.MousePos = ImVec2(static_cast<float>(event.position().x()), static_cast<float>(event.position().y()));
    io.MouseDown[0] = event.buttons() & Qt::LeftButton;
}

void ImGuiOverlay::mouseMoveEvent(QMouseEvent* event) {
    moveMouse(*event);
}
void ImGuiOverlay::mousePressEvent(QMouseEvent* event) {
    moveMouse(*event);
}
void ImGuiOverlay::mouseReleaseEvent(QMouseEvent* event) {
    moveMouse(*event);
}

void ImGuiOverlay::wheelEvent(QWheelEvent* event) {
    if (!m_context)
        return;
    ImGui::SetCurrentContext(m_context);
    ImGui::GetIO().MouseWheel += static_cast<float>(event->angleDelta().y()) / 120.0F;
}

bool ImGuiOverlay::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parent() && event->type() == QEvent::Resize)
        place();
    return QWidget::eventFilter(watched, event);
}

} // namespace bathy::shell
