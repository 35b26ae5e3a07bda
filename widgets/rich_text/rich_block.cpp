#include "widgets/rich_text/rich_block.h"

#include <QStringList>

namespace bathy::widgets {

QString plainText(const RichBlock& block) {
    if (block.kind != BlockKind::Table)
        return block.text.text;
    QStringList lines;
    for (const auto& row : block.rows) {
        QStringList cells;
        for (const auto& cell : row)
            cells << cell.text;
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace bathy::widgets
