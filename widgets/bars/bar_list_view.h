// A bar list on screen. As high as its rows need. UI thread.
#pragma once

#include "widgets/bars/bar_list_layout.h"

#include <QWidget>

namespace bathy::widgets {

class BarListView : public QWidget {
    Q_OBJECT
public:
    explicit BarListView(QWidget* parent = nullptr);

    void setData(BarListData shown);
    const BarListData& shownData() const { return m_data; }
    void paintTo(QPainter& painter, QRectF area) const;
    double heightFor(double width) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    BarListLayout layoutFor(double width) const;

    BarListData m_data;
};

// A small frame with the word measured, derived or estimated in it.
void paintBadge(QPainter& painter, QRectF rect, NumberSource source, const QPalette& palette);

} // namespace bathy::widgets
