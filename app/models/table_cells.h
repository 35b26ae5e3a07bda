// What the item models of runs write into cells and headers alike.
#pragma once

#include <QStringList>
#include <QVariant>

namespace bathy::models {

inline QString percentText(double share) {
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', 2);
}

// headerData() of a table whose columns have these titles.
inline QVariant columnTitle(const QStringList& titles, int section, Qt::Orientation orientation, int role) {
    return orientation == Qt::Horizontal && role == Qt::DisplayRole ? QVariant(titles.value(section)) : QVariant();
}

} // namespace bathy::models
