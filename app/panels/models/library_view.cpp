#include "app/panels/models/library_view.h"

#include "app/models/library_presenter.h"
#include "app/panels/models/library_row_delegate.h"
#include "widgets/common/row_table.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <numeric>

namespace bathy::panels {
namespace {

using models::LibraryModel;

QString openPath(const library::Entry& entry) {
    return QString::fromStdString(entry.open.string());
}

} // namespace

LibraryView::LibraryView(models::LibraryPresenter& library, QWidget* parent)
    : QWidget(parent), m_library(library), m_search(new QLineEdit), m_table(new QTableView), m_status(new QLabel) {
    m_found.setSourceModel(&library.model());
    m_search->setPlaceholderText(tr("Search: words, org/name, org/name:Q4_K_M, name@q4_k_m"));
    m_search->setClearButtonEnabled(true);
    m_search->setAccessibleName(tr("Search the library"));
    m_status->setWordWrap(true);
    m_status->setForegroundRole(QPalette::PlaceholderText);
    buildTable();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_search);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_status);
    layout->addWidget(buildTools());
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_found.search(text);
        updateState();
    });
    connect(&library, &models::LibraryPresenter::changed, this, &LibraryView::updateState);
    connect(&library, &models::LibraryPresenter::lookingChanged, this, &LibraryView::updateState);
    updateState();
}

void LibraryView::buildTable() {
    m_table->setModel(&m_found);
    m_table->setItemDelegate(new LibraryRowDelegate(m_table));
    m_table->setAccessibleName(tr("Models on this machine"));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    constexpr int letters[LibraryModel::ColumnCount] = {46, 11, 10, 9, 15, 14, 11, 16};
    widgets::styleRowTable(*m_table, letters);
    m_table->sortByColumn(LibraryModel::Name, Qt::AscendingOrder);
    connect(m_table, &QTableView::activated, this, &LibraryView::openSelected);
    connect(m_table, &QTableView::customContextMenuRequested, this, &LibraryView::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateState();
        Q_EMIT selectionChanged();
    });
}

QWidget* LibraryView::buildTools() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    const auto add = [&](const QString& text, const QString& tip, void (LibraryView::*run)()) {
        auto* button = new QPushButton(text);
        button->setToolTip(tip);
        connect(button, &QPushButton::clicked, this, run);
        layout->addWidget(button);
        return button;
    };
    m_open = add(tr("Open"), tr("Load the selected model"), &LibraryView::openSelected);
    m_plan = add(tr("Plan memory"), tr("What the selected model would take of the memory, before it is opened"),
                 &LibraryView::planSelected);
    m_show = add(tr("Show in file manager"), tr("Open the folder in which the selected model lies"),
                 &LibraryView::showInFileManager);
    add(tr("Add folder…"), tr("Look for models in a folder of your own; nothing in it is changed"),
        &LibraryView::chooseFolder);
    layout->addStretch();
    return row;
}

const library::Entry* LibraryView::selected() const {
    const auto rows = m_table->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return nullptr;
    return &m_library.model().entryAt(m_found.mapToSource(rows.first()).row());
}

void LibraryView::focusSearch() {
    m_search->setFocus();
    m_search->selectAll();
}

void LibraryView::openSelected() {
    if (const auto* entry = selected())
        Q_EMIT openAsked(openPath(*entry));
}

void LibraryView::planSelected() {
    if (const auto* entry = selected())
        Q_EMIT planAsked(openPath(*entry), QString::fromStdString(library::fullName(*entry)));
}

void LibraryView::showInFileManager() {
    if (const auto* entry = selected())
        QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(entry->folder.string())));
}

void LibraryView::chooseFolder() {
    m_library.addFolder(QFileDialog::getExistingDirectory(this, tr("Look for models in"), QDir::homePath()));
}

void LibraryView::showMenu(const QPoint& at) {
    QMenu menu(this);
    if (const auto* entry = selected()) {
        const auto name = QString::fromStdString(library::fullName(*entry)), path = openPath(*entry);
        menu.addAction(tr("Open"), this, &LibraryView::openSelected);
        menu.addAction(tr("Plan memory"), this, &LibraryView::planSelected);
        menu.addAction(tr("Show in file manager"), this, &LibraryView::showInFileManager);
        menu.addAction(tr("Copy the name"), this, [name] { QGuiApplication::clipboard()->setText(name); });
        menu.addAction(tr("Copy the path"), this, [path] { QGuiApplication::clipboard()->setText(path); });
        menu.addSeparator();
    }
    menu.addAction(tr("Add folder…"), this, &LibraryView::chooseFolder);
    for (const auto& folder : m_library.folders())
        menu.addAction(tr("Look no more in %1").arg(QDir::toNativeSeparators(folder)), this,
                       [this, folder] { m_library.removeFolder(folder); });
    menu.addAction(tr("Look again"), &m_library, &models::LibraryPresenter::refresh);
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

QString LibraryView::statusText() const {
    if (!m_library.hasLooked())
        return m_library.isLooking() ? tr("Looking for models…") : QString();
    const auto& entries = m_library.model().entries();
    if (entries.empty())
        return tr(
            "No models were found where Hugging Face, LM Studio, Ollama, Jan and GPT4All keep them. Add a folder, "
            "or open a file above.");
    if (m_found.rowCount() == 0)
        return tr("No model matches the search.");
    const auto bytes = std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                                       [](std::uint64_t sum, const auto& entry) { return sum + entry.bytes; });
    auto text = models::countedText(entries.size(), tr("1 model"), tr("%1 models")) + QStringLiteral(", ") +
                QLocale().formattedDataSize(static_cast<qint64>(bytes), 1) + QStringLiteral(", ") +
                models::countedText(m_library.places().size(), tr("in 1 place"), tr("in %1 places"));
    for (const auto& place : m_library.places())
        if (!place.problem.empty())
            text += QLatin1Char('\n') + QString::fromStdString(place.problem);
    return m_library.isLooking() ? text + QStringLiteral(" · ") + tr("looking again…") : text;
}

void LibraryView::updateState() {
    m_status->setText(statusText());
    m_status->setVisible(!m_status->text().isEmpty());
    const auto* entry = selected();
    m_open->setEnabled(entry && entry->complete());
    m_plan->setEnabled(entry && entry->complete());
    m_show->setEnabled(entry);
}

void LibraryView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (!m_library.hasLooked() && !m_library.isLooking())
        m_library.refresh();
}

} // namespace bathy::panels
