// A table as text: what the table twins of the charts copy and save.
#pragma once

#include <QString>

class QAbstractItemModel;

namespace bathy::widgets {

// One line per row, the header first, Display role. Tabs and line ends inside cells become spaces, as spreadsheets
// want.
QString tableAsTsv(const QAbstractItemModel& model);
// RFC 4180: comma, CRLF, quotes where a cell needs them.
QString tableAsCsv(const QAbstractItemModel& model);

} // namespace bathy::widgets
