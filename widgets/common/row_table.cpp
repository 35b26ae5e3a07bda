#include "widgets/common/row_table.h"

#include <QHeaderView>

namespace bathy::widgets {
namespace {

constexpr int kRowPad = 8;
constexpr int kCellPad = 12; // left and right of a cell's text

} // namespace

void styleRowTable(QTableView& table, std::span<const int> letters) {
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setWordWrap(false);
    table.setSortingEnabled(true);
    table.setContextMenuPolicy(Qt::CustomContextMenu);
    table.setTabKeyNavigation(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + kRowPad);
    auto* header = table.horizontalHeader();
    header->setHighlightSections(false);
    header->setStretchLastSection(true);
    header->setSectionsMovable(true);
    const int letter = table.fontMetrics().averageCharWidth();
    for (std::size_t column = 0; column < letters.size(); ++column)
        table.setColumnWidth(static_cast<int>(column), letters[column] * letter + kCellPad);
}

} // namespace bathy::widgets
