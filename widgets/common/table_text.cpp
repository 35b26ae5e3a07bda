#include "widgets/common/table_text.h"

#include <QAbstractItemModel>
#include <QStringList>

#include <functional>

namespace bathy::widgets {
namespace {

QString tableText(const QAbstractItemModel& model, QLatin1Char separator, QLatin1String lineEnd,
                  const std::function<QString(QString)>& cell) {
    QString text;
    const auto addLine = [&](const std::function<QString(int)>& at) {
        for (int column = 0; column < model.columnCount(); ++column) {
            if (column > 0)
                text += separator;
            text += cell(at(column));
        }
        text += lineEnd;
    };
    addLine([&model](int column) { return model.headerData(column, Qt::Horizontal).toString(); });
    for (int row = 0; row < model.rowCount(); ++row)
        addLine([&model, row](int column) { return model.index(row, column).data().toString(); });
    return text;
}

} // namespace

QString tableAsTsv(const QAbstractItemModel& model) {
    return tableText(model, QLatin1Char('\t'), QLatin1String("\n"), [](QString cell) {
        for (const auto c : {u'\t', u'\n', u'\r'})
            cell.replace(QChar(c), QLatin1Char(' '));
        return cell;
    });
}

QString tableAsCsv(const QAbstractItemModel& model) {
    return tableText(model, QLatin1Char(','), QLatin1String("\r\n"), [](QString cell) {
        const bool needsQuotes = cell.contains(QLatin1Char(',')) || cell.contains(QLatin1Char('"')) ||
                                 cell.contains(QLatin1Char('\n')) || cell.contains(QLatin1Char('\r'));
        if (!needsQuotes)
            return cell;
        cell.replace(QLatin1Char('"'), QLatin1String("\"\""));
        return QString(QLatin1Char('"') + cell + QLatin1Char('"'));
    });
}

} // namespace bathy::widgets
