// The stacked area chart on screen. The only place that knows the plotting library. UI thread.
#pragma once

#include "widgets/stacked_area/stacked_area_layout.h"

#include <QWidget>

class QCustomPlot;

namespace bathy::widgets {

class StackedAreaView : public QWidget {
    Q_OBJECT
public:
    explicit StackedAreaView(QWidget* parent = nullptr);
    ~StackedAreaView() override;

    void setData(StackedAreaData shown);
    const StackedAreaData& shownData() const { return m_data; }
    void paintTo(QPainter& painter, QRect area) const;

    QSize sizeHint() const override { return {420, 220}; }
    QSize minimumSizeHint() const override { return {220, 120}; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rebuild();
    void styleAxes();
    void addAreas(const StackedAreaLayout& layout);
    void addCurves(const StackedAreaLayout& layout);
    void addMarker(const StackedAreaLayout& layout);
    QString describe(double x) const; // every part at the nearest point

    StackedAreaData m_data;
    QCustomPlot* m_plot;
};

} // namespace bathy::widgets
