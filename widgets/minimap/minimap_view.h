// A minimap on screen: the whole text from top to bottom, a frame round what is in sight elsewhere. Click and drag
// point at a token. UI thread.
#pragma once

#include "widgets/colour/colour_scale.h"
#include "widgets/minimap/minimap_layout.h"

#include <QWidget>

namespace bathy::widgets {

class MinimapView : public QWidget {
    Q_OBJECT
public:
    explicit MinimapView(QWidget* parent = nullptr);

    void setData(std::shared_ptr<const MinimapData> shown);
    void setScale(const ColourScale& scale);
    void setVisibleTokens(std::int64_t begin, std::int64_t end); // framed; empty: no frame
    const MinimapLayout& layoutInUse() const { return m_layout; }
    void paintTo(QPainter& painter, QRect area) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void tokenPointed(qint64 position);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    void point(double y);

    std::shared_ptr<const MinimapData> m_data = std::make_shared<MinimapData>();
    MinimapLayout m_layout;
    ColourScale m_scale;
    std::int64_t m_visibleBegin = 0;
    std::int64_t m_visibleEnd = 0;
};

} // namespace bathy::widgets
