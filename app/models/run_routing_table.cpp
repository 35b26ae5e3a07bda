#include "app/models/run_routing_table.h"

#include "app/models/table_cells.h"

#include <functional>

namespace bathy::models {
namespace {

// Same shape: the cells changed. Another: everything did.
template <class Model, class Change>
void replace(Model& model, int rowsBefore, int rowsAfter, const std::function<void(bool)>& reset, Change change) {
    if (rowsBefore != rowsAfter) {
        reset(true);
        change();
        reset(false);
        return;
    }
    change();
    if (rowsAfter > 0)
        Q_EMIT model.dataChanged(model.index(0, 0), model.index(rowsAfter - 1, model.columnCount() - 1));
}

QVariant cell(int role, const QVariant& number, const QString& text) {
    if (role == Qt::DisplayRole)
        return text;
    if (role == Qt::UserRole)
        return number;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant cell(int role, int number) {
    return cell(role, number, QString::number(number));
}

QVariant wordCell(int role, const QString& word) {
    return role == Qt::DisplayRole || role == Qt::UserRole ? QVariant(word) : QVariant();
}

} // namespace

QString routerName(const RunData& run, int layer) {
    if (!run.card || layer < 0 || layer >= static_cast<int>(run.card->layers.size()))
        return QStringLiteral("?");
    switch (run.card->layers[static_cast<std::size_t>(layer)].router) {
    case api::RouterKind::Hash:
        return ExpertTableModel::tr("hash");
    case api::RouterKind::Learned:
        return ExpertTableModel::tr("learned");
    case api::RouterKind::None:
        return ExpertTableModel::tr("none");
    }
    return QStringLiteral("?");
}

void ExpertTableModel::setTotals(RunDataPtr run, std::shared_ptr<const ExpertTotals> totals) {
    const int before = rowCount();
    const int after = totals ? totals->layers() * totals->experts() : 0;
    const bool sameShape = m_totals && totals && m_totals->experts() == totals->experts();
    replace(
        *this, sameShape ? before : -1, after, [this](bool begin) { begin ? beginResetModel() : endResetModel(); },
        [&] {
            m_run = std::move(run);
            m_totals = std::move(totals);
        });
}

int ExpertTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_totals ? 0 : m_totals->layers() * m_totals->experts();
}

QModelIndex ExpertTableModel::indexOf(int layer, int expert) const {
    if (!m_totals || layer < 0 || layer >= m_totals->layers() || expert < 0 || expert >= m_totals->experts())
        return {};
    return index(layer * m_totals->experts() + expert, 0);
}

QVariant ExpertTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const int layer = index.row() / m_totals->experts();
    const int expert = index.row() % m_totals->experts();
    switch (index.column()) {
    case Layer:
        return cell(role, layer);
    case Router:
        return wordCell(role, routerName(*m_run, layer));
    case Expert:
        return cell(role, expert);
    case Times:
        return cell(role, static_cast<int>(m_totals->count(layer, expert)));
    case Share: {
        const auto all = m_totals->layerCount(layer);
        const double share = all == 0 ? 0 : m_totals->count(layer, expert) / static_cast<double>(all);
        return cell(role, share, percentText(share));
    }
    case AgainstEven: {
        const double times = m_totals->shareAgainstUniform(layer, expert);
        return cell(role, times, QStringLiteral("%1×").arg(times, 0, 'f', 2));
    }
    case MeanWeight: {
        const double weight = m_totals->meanWeight(layer, expert);
        return cell(role, weight, QString::number(weight, 'f', 4));
    }
    default:
        return {};
    }
}

QVariant ExpertTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    return columnTitle({tr("Layer"), tr("Router"), tr("Expert"), tr("Times chosen"), tr("Share of layer"),
                        tr("Against even"), tr("Mean weight")},
                       section, orientation, role);
}

void LayerBalanceModel::setTotals(RunDataPtr run, std::shared_ptr<const ExpertTotals> totals) {
    std::vector<LayerBalance> balances;
    for (int layer = 0; totals && layer < totals->layers(); ++layer)
        balances.push_back(totals->balance(layer));
    replace(
        *this, rowCount(), static_cast<int>(balances.size()),
        [this](bool begin) { begin ? beginResetModel() : endResetModel(); },
        [&] {
            m_run = std::move(run);
            m_balances = std::move(balances);
        });
}

int LayerBalanceModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_balances.size());
}

QVariant LayerBalanceModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto& b = m_balances[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Layer:
        return cell(role, index.row());
    case Router:
        return wordCell(role, routerName(*m_run, index.row()));
    case Choices:
        return cell(role, static_cast<double>(b.choices), QString::number(b.choices));
    case Evenness:
        return cell(role, b.evenness, percentText(b.evenness));
    case Busiest:
        return cell(role, b.busiest, b.busiest < 0 ? QStringLiteral("–") : QString::number(b.busiest));
    case BusiestShare:
        return cell(role, b.busiestShare, percentText(b.busiestShare));
    case Unused:
        return cell(role, b.unused);
    default:
        return {};
    }
}

QVariant LayerBalanceModel::headerData(int section, Qt::Orientation orientation, int role) const {
    return columnTitle({tr("Layer"), tr("Router"), tr("Choices"), tr("Evenness"), tr("Busiest expert"), tr("Its share"),
                        tr("Never used")},
                       section, orientation, role);
}

} // namespace bathy::models
