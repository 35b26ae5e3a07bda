// The models of the library as a table: one row for each model and quantisation. Sorting by SortRole. UI thread.
#pragma once

#include "engine/library/entry.h"

#include <QAbstractTableModel>
#include <QCollator>
#include <QSortFilterProxyModel>

#include <vector>

namespace bathy::models {

class LibraryModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Type, Size, Context, Family, Place, LastUsed, Notes, ColumnCount };
    enum Role { SortRole = Qt::UserRole, CompleteRole };

    using QAbstractTableModel::QAbstractTableModel;

    void setEntries(std::vector<library::Entry> entries);
    const std::vector<library::Entry>& entries() const { return m_entries; }
    const library::Entry& entryAt(int row) const { return m_entries.at(static_cast<std::size_t>(row)); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const library::Entry& entry, int column) const;
    QVariant sortValue(const library::Entry& entry, int column) const;
    QString notes(const library::Entry& entry) const;
    QString explanation(const library::Entry& entry) const;

    std::vector<library::Entry> m_entries;
};

// Rows that a search finds, sorted by any column.
class LibrarySearchModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit LibrarySearchModel(QObject* parent = nullptr);

    void search(const QString& query); // words, or a name in any of the forms of library/names.h

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    std::string m_query;
    QCollator m_order;
};

// "1 file" or "12 files": the second text has the number as %1.
QString countedText(std::size_t count, const QString& one, const QString& many);
QString libraryOwnerText(library::Owner owner);
// "32,768" as "32 k": contexts are powers of two or nearly so.
QString contextText(qint64 tokens);

} // namespace bathy::models
