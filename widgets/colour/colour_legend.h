// The key to a heatmap's colours, and the handles that set its range. Dragging a handle fixes the range, a double click
// lets it follow the data again. UI thread.
#pragma once

#include "widgets/colour/colour_scale.h"

#include <QWidget>

#include <functional>

namespace bathy::widgets {

class ColourLegend : public QWidget {
    Q_OBJECT
public:
    explicit ColourLegend(QWidget* parent = nullptr);

    // `full`: what the data spans. The scale's own range is the part between the handles.
    void setScale(const ColourScale& scale, ColourRange full);
    void setFormatter(std::function<QString(double)> format) { m_format = std::move(format); }
    bool isAutomatic() const { return m_automatic; }
    void setAutomatic(bool automatic);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void paintTo(QPainter& painter, QRect area) const;

Q_SIGNALS:
    void rangeChosen(double low, double high); // by hand
    void automaticChosen();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Handle { None, Low, High };
    QRect barIn(QRect area) const;
    ColourScale fullScale() const { return {m_full, m_scale.kind()}; }
    double handleX(Handle handle) const;
    void moveHandle(Handle handle, double share);

    ColourScale m_scale;
    ColourRange m_full;
    std::function<QString(double)> m_format;
    Handle m_dragged = Handle::None;
    bool m_automatic = true;
};

} // namespace bathy::widgets
