// A small table of ready-made cells, replaced as a whole. For numbers that are few. UI thread.
#pragma once

#include <QAbstractTableModel>
#include <QStringList>

#include <vector>

namespace bathy::models {

struct PlainCell {
    QString text;
    QVariant number; // for sorting and right alignment; invalid: sorted by the text
};

class PlainTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    PlainTableModel(QStringList headers, QObject* parent)
        : QAbstractTableModel(parent), m_headers(std::move(headers)) {}

    void setRows(std::vector<std::vector<PlainCell>> rows); // each as long as the headers

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QStringList m_headers;
    std::vector<std::vector<PlainCell>> m_rows;
};

} // namespace bathy::models
