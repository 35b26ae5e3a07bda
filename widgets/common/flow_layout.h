// Widgets in lines from left to right, as many to a line as fit: for chips. UI thread.
#pragma once

#include <QLayout>

#include <memory>
#include <vector>

namespace bathy::widgets {

class FlowLayout : public QLayout {
public:
    explicit FlowLayout(int space) : m_space(space) { setContentsMargins(0, 0, 0, 0); }
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override;
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
    QSize sizeHint() const override { return minimumSize(); }
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

private:
    int arrange(const QRect& rect, bool move) const; // returns the height

    int m_space;
    std::vector<std::unique_ptr<QLayoutItem>> m_items;
};

} // namespace bathy::widgets
