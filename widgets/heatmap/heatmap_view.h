// A heatmap on screen: hover, click, keyboard cursor. Shows what it is given and says what was pointed at. UI thread.
#pragma once

#include "widgets/colour/colour_scale.h"
#include "widgets/heatmap/heatmap_data.h"
#include "widgets/heatmap/heatmap_layout.h"

#include <QWidget>

#include <functional>
#include <memory>

namespace bathy::widgets {

class HeatmapView : public QWidget {
    Q_OBJECT
public:
    explicit HeatmapView(QWidget* parent = nullptr);

    void setData(std::shared_ptr<const HeatmapData> shown);
    void setScale(const ColourScale& scale);
    void setSelected(HeatmapCell cell); // column -1: the whole row; row -1: nothing
    // What a cell means, for the tool tip and the screen reader.
    void setDescriber(std::function<QString(HeatmapCell)> describe) { m_describe = std::move(describe); }

    HeatmapCell cursor() const { return m_cursor; }
    const HeatmapLayout& layoutInUse() const { return m_layout; }
    // The view as it stands, for export: no cursor, no hover.
    void paintTo(QPainter& painter, QSize size) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void activated(int row, int column);            // clicked, or Return on the cursor
    void cleared();                                 // Escape
    void menuAsked(int row, int column, QPoint at); // of a cell, by mouse or keyboard; `at` on the screen

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void relayout();
    HeatmapStyle layoutStyle() const;
    void setCursorCell(HeatmapCell cell);
    void paintMap(QPainter& painter, const HeatmapLayout& layout) const;
    HeatmapCell strongestIn(HeatmapCell cell) const; // of the cells merged into the pixel

    std::shared_ptr<const HeatmapData> m_data;
    HeatmapLayout m_layout;
    ColourScale m_scale;
    HeatmapCell m_selected;
    HeatmapCell m_cursor;
    HeatmapCell m_hover;
    std::function<QString(HeatmapCell)> m_describe;
};

} // namespace bathy::widgets
