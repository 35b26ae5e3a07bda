// How tables look whose rows are things that are chosen: whole rows, sortable, no grid, context menu. UI thread.
#pragma once

#include <QTableView>

#include <span>

namespace bathy::widgets {

// The model is set already. `letters`: how wide each column is, in letters of the table's font.
void styleRowTable(QTableView& table, std::span<const int> letters);

} // namespace bathy::widgets
