// Rows of the library: the first column in the middle is shortened, so that a model's size at the end of its name stays
// to be read; rows that cannot be opened are muted. UI thread.
#pragma once

#include <QStyledItemDelegate>

namespace bathy::panels {

class LibraryRowDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

} // namespace bathy::panels
