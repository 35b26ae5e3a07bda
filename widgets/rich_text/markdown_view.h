// A finished Markdown text as a widget that is as tall as it needs to be for its width; for scroll areas. Its text can
// be copied as a whole. UI thread.
#pragma once

#include "widgets/rich_text/block_layout.h"

#include <QWidget>

#include <vector>

namespace bathy::widgets {

class MarkdownView : public QWidget {
    Q_OBJECT
public:
    explicit MarkdownView(QWidget* parent = nullptr);

    void setMarkdown(const QString& source);
    void setPlainText(const QString& text); // nothing in it is interpreted
    const QString& source() const { return m_source; }

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void linkClicked(const QString& target);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void show(QVector<RichBlock> blocks, const QString& source);
    void layOut(int width) const;
    QString linkAt(QPointF point) const;

    QString m_source;
    QVector<RichBlock> m_blocks;
    // For one width; made anew for another.
    mutable std::vector<std::unique_ptr<BlockLayout>> m_layouts;
    mutable int m_width = -1;
    mutable int m_height = 0;
};

} // namespace bathy::widgets
