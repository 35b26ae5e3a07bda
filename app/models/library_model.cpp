#include "app/models/library_model.h"

#include "engine/library/names.h"

#include <QDateTime>
#include <QDir>
#include <QLocale>

#include <algorithm>

namespace bathy::models {
namespace {

QString fromPath(const std::filesystem::path& path) {
    return QDir::toNativeSeparators(QString::fromStdString(path.string()));
}

QString familyName(const std::string& family) {
    static const std::pair<const char*, const char*> kNames[] = {{"deepseek_v4", "DeepSeek-V4"},
                                                                 {"deepseek4", "DeepSeek-V4"},
                                                                 {"deepseek_v3", "DeepSeek-V3"},
                                                                 {"deepseek_v2", "DeepSeek-V2"},
                                                                 {"deepseek2", "DeepSeek-V2/V3"},
                                                                 {"deepseek_v32", "DeepSeek-V3.2"},
                                                                 {"deepseek32", "DeepSeek-V3.2"},
                                                                 {"qwen2", "Qwen2"},
                                                                 {"qwen3", "Qwen3"},
                                                                 {"llama", "Llama"}};
    const auto* found =
        std::find_if(std::begin(kNames), std::end(kNames), [&](const auto& n) { return n.first == family; });
    return found == std::end(kNames) ? QString::fromStdString(family) : QString::fromLatin1(found->second);
}

} // namespace

QString countedText(std::size_t count, const QString& one, const QString& many) {
    return count == 1 ? one : many.arg(QLocale().toString(static_cast<qulonglong>(count)));
}

QString libraryOwnerText(library::Owner owner) {
    switch (owner) {
    case library::Owner::Bundled:
        return LibraryModel::tr("Bundled");
    case library::Owner::Folder:
        return LibraryModel::tr("Own folder");
    default:
        return QString::fromStdString(std::string(library::ownerName(owner))); // names of programs
    }
}

QString contextText(qint64 tokens) {
    if (tokens < 1024)
        return QLocale().toString(tokens);
    if (tokens < 1024 * 1024)
        return LibraryModel::tr("%1 k").arg(QLocale().toString(tokens / 1024));
    return LibraryModel::tr("%1 M").arg(QLocale().toString(static_cast<double>(tokens) / (1024 * 1024), 'g', 2));
}

void LibraryModel::setEntries(std::vector<library::Entry> entries) {
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

int LibraryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int LibraryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString LibraryModel::notes(const library::Entry& entry) const {
    QStringList notes;
    if (!entry.missing.empty())
        notes << countedText(entry.missing.size(), tr("1 file missing"), tr("%1 files missing"));
    if (!entry.problem.empty())
        notes << tr("cannot be read");
    if (entry.duplicates != 0) {
        const auto same = std::count_if(m_entries.begin(), m_entries.end(),
                                        [&](const auto& other) { return other.duplicates == entry.duplicates; });
        notes << (same == 2 ? tr("there twice") : tr("there %1 times").arg(same));
    }
    return notes.join(QStringLiteral(", "));
}

QString LibraryModel::explanation(const library::Entry& entry) const {
    QStringList lines{fromPath(entry.open)};
    if (entry.files > 1)
        lines << tr("%1 files").arg(entry.files);
    constexpr std::size_t kShown = 8;
    for (std::size_t i = 0; i < entry.missing.size() && i < kShown; ++i)
        lines << tr("missing: %1").arg(QString::fromStdString(entry.missing[i]));
    if (entry.missing.size() > kShown)
        lines << tr("and %1 more").arg(entry.missing.size() - kShown);
    if (!entry.problem.empty())
        lines << QString::fromStdString(entry.problem);
    for (const auto& other : m_entries)
        if (entry.duplicates != 0 && other.duplicates == entry.duplicates && &other != &entry)
            lines << tr("the same model: %1 in %2")
                         .arg(QString::fromStdString(library::fullName(other)), libraryOwnerText(other.owner));
    return lines.join(QLatin1Char('\n'));
}

QString LibraryModel::text(const library::Entry& entry, int column) const {
    switch (column) {
    case Name: {
        const auto name = QString::fromStdString(entry.name);
        return entry.tag.empty() ? name : name + QLatin1Char(':') + QString::fromStdString(entry.tag);
    }
    case Type:
        return QString::fromStdString(entry.quantisation);
    case Size:
        return QLocale().formattedDataSize(static_cast<qint64>(entry.bytes), 1);
    case Context:
        return entry.contextLength > 0 ? contextText(entry.contextLength) : QString();
    case Family:
        return familyName(entry.family);
    case Place:
        return libraryOwnerText(entry.owner);
    case LastUsed:
        return entry.lastUsed > 0
                   ? QLocale().toString(QDateTime::fromSecsSinceEpoch(entry.lastUsed).date(), QLocale::ShortFormat)
                   : QString();
    case Notes:
        return notes(entry);
    default:
        return {};
    }
}

QVariant LibraryModel::sortValue(const library::Entry& entry, int column) const {
    switch (column) {
    case Size:
        return static_cast<qulonglong>(entry.bytes);
    case Context:
        return static_cast<qlonglong>(entry.contextLength);
    case LastUsed:
        return static_cast<qlonglong>(entry.lastUsed);
    default:
        return text(entry, column);
    }
}

QVariant LibraryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto& entry = entryAt(index.row());
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(entry, column);
    case Qt::ToolTipRole:
        return explanation(entry);
    case SortRole:
        return sortValue(entry, column);
    case CompleteRole:
        return entry.complete();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((column == Size || column == Context ? Qt::AlignRight : Qt::AlignLeft) |
                                   Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant LibraryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == Size || section == Context ? Qt::AlignRight : Qt::AlignLeft) |
                                   Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[ColumnCount] = {tr("Model"),  tr("Type"),     tr("Size"),      tr("Context"),
                                         tr("Family"), tr("Found in"), tr("Last used"), tr("Notes")};
    return titles[section];
}

LibrarySearchModel::LibrarySearchModel(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(LibraryModel::SortRole);
    m_order.setNumericMode(true); // V3-2 before V3-10
    m_order.setCaseSensitivity(Qt::CaseInsensitive);
}

void LibrarySearchModel::search(const QString& query) {
    m_query = query.trimmed().toStdString();
    invalidateFilter();
}

bool LibrarySearchModel::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const {
    const auto* model = qobject_cast<const LibraryModel*>(sourceModel());
    return model && library::matchesSearch(model->entryAt(row), m_query);
}

bool LibrarySearchModel::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const auto a = left.data(sortRole()), b = right.data(sortRole());
    const bool texts = a.userType() == QMetaType::QString;
    const int order = texts                              ? m_order.compare(a.toString(), b.toString())
                      : a.toLongLong() == b.toLongLong() ? 0
                      : a.toLongLong() < b.toLongLong()  ? -1
                                                         : 1;
    // Equal ones stay in the order of the library: by name, then type.
    return order != 0 ? order < 0 : left.row() < right.row();
}

} // namespace bathy::models
