// A see-through pane over the window's corner that shows a Dear ImGui page. Closed it costs nothing: no timer, no
// context, no image. UI thread.
#pragma once

#include <QImage>
#include <QTimer>
#include <QWidget>

#include <functional>

struct ImGuiContext;

namespace bathy::shell {

class ImGuiOverlay : public QWidget {
    Q_OBJECT
public:
    // `page` is called once a frame between NewFrame and Render, with the pane's size known to ImGui.
    ImGuiOverlay(std::function<void()> page, QWidget* window);
    ~ImGuiOverlay() override;

    void setOpen(bool open);
    bool isOpen() const { return m_context != nullptr; }
    double lastFrameMs() const { return m_lastFrameMs; } // what drawing the pane itself cost

Q_SIGNALS:
    void openChanged(bool open);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    void frame();
    void moveMouse(const QMouseEvent& event);

    std::function<void()> m_page;
    ImGuiContext* m_context = nullptr;
    QTimer m_timer;
    QImage m_image;
    double m_lastFrameMs = 0;
};

} // namespace bathy::shell
