#include "widgets/rich_text/markdown_lines.h"

#include <algorithm>

namespace bathy::widgets {
namespace {

constexpr int kMaxColumns = 64;

} // namespace

Line lineAt(QStringView source, qsizetype at) {
    const auto end = source.indexOf(u'\n', at);
    const auto stop = end < 0 ? source.size() : end;
    return {source.sliced(at, stop - at), at, end < 0 ? source.size() : end + 1};
}

int columnsOf(QStringView line, qsizetype* firstChar) {
    int columns = 0;
    qsizetype at = 0;
    for (; at < line.size() && (line[at] == u' ' || line[at] == u'\t'); ++at)
        columns += line[at] == u'\t' ? 4 - columns % 4 : 1;
    if (firstChar != nullptr)
        *firstChar = at;
    return columns;
}

int takeQuotes(QStringView& line) {
    int depth = 0;
    while (depth < kMaxDepth) {
        qsizetype at = 0;
        if (columnsOf(line, &at) > 3 || at >= line.size() || line[at] != u'>')
            return depth;
        line = line.sliced(at + 1);
        if (line.startsWith(u' '))
            line = line.sliced(1);
        ++depth;
    }
    return depth;
}

bool isRule(QStringView text) {
    if (text.isEmpty() || (text[0] != u'-' && text[0] != u'*' && text[0] != u'_'))
        return false;
    int marks = 0;
    for (const auto c : text) {
        if (c == text[0])
            ++marks;
        else if (!c.isSpace())
            return false;
    }
    return marks >= 3;
}

int headingLevel(QStringView text) {
    int level = 0;
    while (level < text.size() && text[level] == u'#')
        ++level;
    return level >= 1 && level <= 6 && (level == text.size() || text[level].isSpace()) ? level : 0;
}

std::optional<ListMark> listMark(QStringView text) {
    if (text.isEmpty())
        return std::nullopt;
    qsizetype at = 0;
    QString marker;
    if (text[0] == u'-' || text[0] == u'*' || text[0] == u'+') {
        at = 1;
        marker = QStringLiteral("•");
    } else {
        while (at < text.size() && at < 9 && text[at] >= u'0' && text[at] <= u'9')
            ++at;
        if (at == 0 || at >= text.size() || (text[at] != u'.' && text[at] != u')'))
            return std::nullopt;
        ++at;
        marker = text.first(at).toString();
    }
    if (at >= text.size() || !text[at].isSpace())
        return std::nullopt;
    ++at;
    const auto rest = text.sliced(at);
    if (rest.startsWith(u"[ ] ") || rest.startsWith(u"[x] ") || rest.startsWith(u"[X] "))
        return ListMark{rest[1] == u' ' ? QStringLiteral("☐") : QStringLiteral("☑"), at + 4};
    return ListMark{marker, at};
}

// Cells between the bars; a bar after a backslash belongs to the cell.
QVector<QStringView> tableCells(QStringView line) {
    line = line.trimmed();
    if (line.startsWith(u'|'))
        line = line.sliced(1);
    if (line.endsWith(u'|') && !line.endsWith(u"\\|"))
        line = line.chopped(1);
    QVector<QStringView> found;
    qsizetype begin = 0;
    for (qsizetype at = 0; at <= line.size() && found.size() < kMaxColumns; ++at) {
        if (at < line.size() && line[at] == u'\\') {
            ++at;
        } else if (at == line.size() || line[at] == u'|') {
            found.append(line.sliced(begin, std::min(at, line.size()) - begin).trimmed());
            begin = at + 1;
        }
    }
    return found;
}

std::optional<QVector<ColumnAlign>> delimiterRow(QStringView line) {
    if (!line.contains(u'-') || !line.contains(u'|'))
        return std::nullopt;
    QVector<ColumnAlign> columns;
    for (auto cell : tableCells(line)) {
        const bool left = cell.startsWith(u':'), right = cell.endsWith(u':') && cell.size() > 1;
        cell = cell.sliced(left ? 1 : 0);
        if (right)
            cell = cell.chopped(1);
        if (cell.isEmpty() || !std::all_of(cell.begin(), cell.end(), [](QChar c) { return c == u'-'; }))
            return std::nullopt;
        columns.append(left && right ? ColumnAlign::Centre : right ? ColumnAlign::Right : ColumnAlign::Left);
    }
    return columns;
}

} // namespace bathy::widgets
