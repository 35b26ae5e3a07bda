// Tokens on screen: tinted boxes that wrap. Click, shift-click and drag select; arrow keys move. Stays at its end while
// tokens arrive, unless the reader scrolled away. UI thread.
#pragma once

#include "widgets/colour/colour_scale.h"
#include "widgets/token_strip/token_strip_layout.h"

#include <QAbstractScrollArea>

#include <functional>

namespace bathy::widgets {

class TokenStripView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TokenStripView(QWidget* parent = nullptr);

    void setData(std::shared_ptr<const TokenStripData> shown);
    void setScale(const ColourScale& scale);
    void setSelected(std::int64_t begin, std::int64_t end); // positions; empty: none. Scrolls there when it changed
    void setDescriber(std::function<QString(std::int64_t position)> describe) { m_describe = std::move(describe); }
    void showPosition(std::int64_t position);                       // scrolls, selects nothing
    std::pair<std::int64_t, std::int64_t> visiblePositions() const; // [begin, end) of the lines in sight
    const TokenStripLayout& layoutInUse() const { return m_layout; }
    void paintTo(QPainter& painter, QSize size) const; // from the first token on

    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void tokenChosen(qint64 position);
    void rangeExtended(qint64 position); // the other end stays
    void cleared();
    void scrolled(); // visiblePositions() may be others

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void measureGlyphs();
    void relayout();
    void paintItems(QPainter& painter, const TokenStripLayout& layout, int first, int last) const;
    void showItem(int index);
    QPointF inContent(QPointF viewportPoint) const;

    std::shared_ptr<const TokenStripData> m_data = std::make_shared<TokenStripData>();
    std::vector<float> m_glyphWidths;
    TokenStripLayout m_layout;
    ColourScale m_scale;
    std::int64_t m_selectedBegin = 0;
    std::int64_t m_selectedEnd = 0;
    std::function<QString(std::int64_t)> m_describe;
};

} // namespace bathy::widgets
