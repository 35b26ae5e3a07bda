#include "app/models/run_token_table.h"

#include "app/models/table_cells.h"
#include "app/models/token_display.h"

namespace bathy::models {
namespace {

QString guessWord(telemetry::GuessOutcome guess) {
    switch (guess) {
    case telemetry::GuessOutcome::Right:
        return TokenTableModel::tr("right");
    case telemetry::GuessOutcome::Wrong:
        return TokenTableModel::tr("wrong");
    case telemetry::GuessOutcome::None:
        break;
    }
    return {};
}

// Text and sort key of one cell.
std::pair<QString, QVariant> cellOf(const RunData& run, std::int64_t position, int column) {
    const auto number = [](qint64 n) { return std::pair<QString, QVariant>(QString::number(n), QVariant(n)); };
    if (column == TokenTableModel::TokenPosition)
        return number(position);
    const auto* row = run.token(position);
    if (!row)
        return {QStringLiteral("–"), QVariant(-1)};
    const auto bytes = run.texts->bytes(row->token);
    switch (column) {
    case TokenTableModel::Kind: {
        const auto kind = row->isGenerated() ? TokenTableModel::tr("answer") : TokenTableModel::tr("prompt");
        return {kind, kind};
    }
    case TokenTableModel::Id:
        return number(raw(row->token));
    case TokenTableModel::Text: {
        const auto text = run.texts->knows(row->token) ? visibleText(bytes) : QStringLiteral("?");
        return {text, text};
    }
    case TokenTableModel::Bytes:
        return {hexBytes(bytes), hexBytes(bytes)};
    default:
        break;
    }
    if (!row->isGenerated())
        return {QString(), QVariant(-1.0)};
    switch (column) {
    case TokenTableModel::Probability:
        return {percentText(row->probability), row->probability};
    case TokenTableModel::Sampled:
        return {percentText(row->sampledProbability), row->sampledProbability};
    case TokenTableModel::Rank:
        return number(static_cast<qint64>(row->rank) + 1);
    case TokenTableModel::Entropy:
        return {QString::number(row->entropy, 'f', 3), row->entropy};
    case TokenTableModel::Guess: {
        const auto word = guessWord(row->guess);
        return {word, word};
    }
    case TokenTableModel::Gain: {
        const double ms = static_cast<double>(row->gainNs) * 1e-6;
        return {row->guess == telemetry::GuessOutcome::None ? QString() : QString::number(ms, 'f', 3), ms};
    }
    default:
        return {};
    }
}

} // namespace

void TokenTableModel::setTokens(RunDataPtr run, bridge::TokenRange range) {
    const bool goesOn = m_run && run && run->session == m_run->session && run->epoch == m_run->epoch &&
                        range.begin == m_range.begin && range.size() >= m_range.size();
    if (!goesOn) {
        beginResetModel();
        m_run = std::move(run);
        m_range = m_run ? range : bridge::TokenRange{};
        endResetModel();
        return;
    }
    m_run = std::move(run);
    if (range.size() == m_range.size())
        return;
    beginInsertRows({}, static_cast<int>(m_range.size()), static_cast<int>(range.size()) - 1);
    m_range = range;
    endInsertRows();
}

int TokenTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_range.size());
}

QVariant TokenTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool isText =
            index.column() == Kind || index.column() == Text || index.column() == Bytes || index.column() == Guess;
        return QVariant::fromValue((isText ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole && role != Qt::UserRole)
        return {};
    const auto [text, key] = cellOf(*m_run, m_range.begin + index.row(), index.column());
    return role == Qt::DisplayRole ? QVariant(text) : key;
}

QVariant TokenTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    return columnTitle({tr("Position"), tr("Part"), tr("Id"), tr("Text"), tr("Bytes"), tr("Probability"),
                        tr("As sampled"), tr("Rank"), tr("Entropy (nats)"), tr("Guess"), tr("Time won (ms)")},
                       section, orientation, role);
}

} // namespace bathy::models
