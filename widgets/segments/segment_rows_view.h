// Segment rows on screen; a click or Return says which. As high as its rows need. UI thread.
#pragma once

#include "widgets/segments/segment_rows_layout.h"

#include <QWidget>

#include <functional>

namespace bathy::widgets {

class SegmentRowsView : public QWidget {
    Q_OBJECT
public:
    explicit SegmentRowsView(QWidget* parent = nullptr);

    void setData(SegmentRowsData shown);
    const SegmentRowsData& shownData() const { return m_data; }
    void setSelected(int row, int key); // -1: none
    void setDescriber(std::function<QString(int row, int index)> describe) { m_describe = std::move(describe); }
    SegmentRowsLayout layoutFor(double width) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void activated(int row, int key);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void moveCursor(int row, int index);

    SegmentRowsData m_data;
    int m_selectedRow = -1;
    int m_selectedKey = -1;
    int m_cursorRow = 0;
    int m_cursorIndex = 0;
    std::function<QString(int, int)> m_describe;
};

} // namespace bathy::widgets
