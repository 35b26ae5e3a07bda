#include "app/panels/models/library_row_delegate.h"

#include "app/models/library_model.h"

namespace bathy::panels {

void LibraryRowDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
    QStyledItemDelegate::initStyleOption(option, index);
    if (index.column() == models::LibraryModel::Name)
        option->textElideMode = Qt::ElideMiddle;
    if (!index.data(models::LibraryModel::CompleteRole).toBool())
        for (const auto role : {QPalette::Text, QPalette::WindowText})
            option->palette.setColor(role, option->palette.color(QPalette::PlaceholderText));
}

} // namespace bathy::panels
