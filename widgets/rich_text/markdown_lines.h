// What single lines of Markdown say: indentation, quotation marks, list marks, headings, rules, table rows. Pure.
#pragma once

#include "widgets/rich_text/rich_block.h"

#include <QStringView>
#include <QVector>

#include <optional>

namespace bathy::widgets {

inline constexpr int kMaxDepth = 8; // of lists and of quotations

struct Line {
    QStringView text; // without the line break
    qsizetype begin = 0;
    qsizetype next = 0;                                         // where the next line begins
    bool isWhole() const { return next > begin + text.size(); } // nothing can be added to it
};

struct ListMark {
    QString marker;
    qsizetype length = 0; // of mark and the space after it
};

Line lineAt(QStringView source, qsizetype at);
// Columns of white space in front, a tab to the next multiple of four.
int columnsOf(QStringView line, qsizetype* firstChar = nullptr);
int takeQuotes(QStringView& line); // takes the '>' off and returns how many there were
bool isRule(QStringView text);
int headingLevel(QStringView text); // 0: no heading
std::optional<ListMark> listMark(QStringView text);
QVector<QStringView> tableCells(QStringView line);
std::optional<QVector<ColumnAlign>> delimiterRow(QStringView line); // the row under a table's head

} // namespace bathy::widgets
