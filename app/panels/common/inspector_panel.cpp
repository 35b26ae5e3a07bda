#include "app/panels/common/inspector_panel.h"

#include "app/panels/common/panel_icons.h"
#include "widgets/common/table_text.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSaveFile>
#include <QShortcut>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

namespace bathy::panels {
namespace {

constexpr int kSpace = 8;
constexpr int kMeasuredRows = 24; // that decide how wide a table's columns are
constexpr double kPngScale = 2;   // pictures are looked at on better screens than the one they were made on

QToolButton* iconButton(const QString& name, const QString& tip, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setAutoRaise(true);
    button->setAccessibleName(name);
    button->setToolTip(tip);
    return button;
}

} // namespace

InspectorPanel::InspectorPanel(InspectorContext context, QWidget* parent)
    : QWidget(parent), m_context(std::move(context)), m_update(*this, [this] { rebuild(); }) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kSpace, kSpace, kSpace, kSpace);
    column->setSpacing(kSpace);
    auto* top = new QHBoxLayout;
    top->setSpacing(4);
    m_controls = new QHBoxLayout;
    m_controls->setSpacing(kSpace);
    top->addLayout(m_controls);
    top->addStretch(1);
    m_tableButton = iconButton(tr("Table"), tr("Show the same numbers as a table"), this);
    m_tableButton->setCheckable(true);
    m_exportButton = iconButton(tr("Export"), tr("Copy the numbers or save the picture"), this);
    m_copyButton = iconButton(tr("Locked copy"), tr("Open a copy locked to what is shown, for comparison"), this);
    m_lockButton = iconButton(tr("Lock"), {}, this);
    m_lockButton->setCheckable(true);
    for (auto* button : {m_tableButton, m_exportButton, m_copyButton, m_lockButton})
        top->addWidget(button);
    column->addLayout(top);
    m_pages = new QStackedWidget(this);
    column->addWidget(m_pages, 1);
    m_caption = new QLabel(this);
    m_caption->setWordWrap(true);
    m_caption->setForegroundRole(QPalette::PlaceholderText);
    column->addWidget(m_caption);

    connect(m_tableButton, &QToolButton::toggled, this, [this] { setTableShown(m_tableButton->isChecked()); });
    connect(m_lockButton, &QToolButton::toggled, this, &InspectorPanel::setLocked);
    connect(m_copyButton, &QToolButton::clicked, this, [this] { openLockedCopy(); });
    connect(&m_context.runs, &models::RunRecorder::runsChanged, this, [this] {
        if (!m_locked)
            refreshSoon();
    });
    connect(&m_context.runs, &models::RunRecorder::currentChanged, this, [this] { refreshSoon(); });
    connect(&m_context.runs, &models::RunRecorder::modelChanged, this, [this] { refreshSoon(); });
    connect(&m_context.selection, &bridge::Selection::changed, this, [this] {
        if (!m_locked)
            refreshNow();
    });
    addExportMenu();
    addShortcuts();
    updateIcons();
    m_update.request();
}

void InspectorPanel::addShortcuts() {
    auto* copy = new QShortcut(QKeySequence::Copy, this);
    copy->setContext(Qt::WidgetWithChildrenShortcut);
    connect(copy, &QShortcut::activated, this, [this] { QGuiApplication::clipboard()->setText(tableText()); });
}

void InspectorPanel::addExportMenu() {
    auto* menu = new QMenu(m_exportButton);
    menu->addAction(tr("&Copy the numbers (tab-separated)"), this,
                    [this] { QGuiApplication::clipboard()->setText(tableText()); });
    menu->addSeparator();
    menu->addAction(tr("Save picture as &PNG…"), this, [this] { save(Format::Png); });
    menu->addAction(tr("Save picture as &SVG…"), this, [this] { save(Format::Svg); });
    menu->addAction(tr("Save numbers as CS&V…"), this, [this] { save(Format::Csv); });
    m_exportButton->setMenu(menu);
    m_exportButton->setPopupMode(QToolButton::InstantPopup);
}

void InspectorPanel::setContent(QWidget* chart, const QString& title, const QString& emptyText) {
    m_title = title;
    m_chart = chart;
    m_emptyText = new QLabel(emptyText);
    m_emptyText->setWordWrap(true);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setForegroundRole(QPalette::PlaceholderText);
    m_emptyText->setMargin(3 * kSpace);
    m_tables = new QTabWidget;
    m_tables->setDocumentMode(true);
    m_tables->tabBar()->setAutoHide(true);
    m_pages->addWidget(m_emptyText);
    m_pages->addWidget(chart);
    m_pages->addWidget(m_tables);
    setLocked(false);
    setHasContent(false);
}

void InspectorPanel::setEmptyText(const QString& text) {
    m_emptyText->setText(text);
}

QString InspectorPanel::emptyText() const {
    return m_emptyText->text();
}

QTableView* InspectorPanel::addTable(const QString& title, QAbstractItemModel* model) {
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(model);
    sorted->setSortRole(Qt::UserRole);
    auto* view = new QTableView;
    view->setModel(sorted);
    view->setSortingEnabled(true);
    view->sortByColumn(-1, Qt::AscendingOrder); // the model's own order, until a header is clicked
    view->setAlternatingRowColors(true);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setShowGrid(false);
    view->verticalHeader()->hide();
    view->horizontalHeader()->setResizeContentsPrecision(kMeasuredRows);
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    view->horizontalHeader()->setStretchLastSection(true);
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() + kSpace);
    view->setAccessibleName(title);
    m_tables->addTab(view, title);
    return view;
}

QTableView* InspectorPanel::tableInFront() const {
    return qobject_cast<QTableView*>(m_tables->currentWidget());
}

void InspectorPanel::setCaption(const QString& caption) {
    m_caption->setText(caption);
    m_caption->setVisible(!caption.isEmpty());
}

bool InspectorPanel::isEmpty() const {
    return m_pages->currentWidget() == m_emptyText;
}

bool InspectorPanel::showsTable() const {
    return m_tableButton->isChecked();
}

void InspectorPanel::setTableShown(bool shown) {
    m_tableButton->setChecked(shown);
    if (shown)
        updateTables();
    if (!isEmpty())
        setHasContent(true);
}

void InspectorPanel::setHasContent(bool has) {
    QWidget* page = !has ? static_cast<QWidget*>(m_emptyText) : showsTable() ? m_tables : m_chart;
    m_pages->setCurrentWidget(page);
    m_caption->setVisible(has && !m_caption->text().isEmpty());
    for (auto* button : {m_tableButton, m_exportButton, m_copyButton, m_lockButton})
        button->setEnabled(has);
}

void InspectorPanel::rebuild() {
    if (!m_locked) {
        m_selected = m_context.selection.state();
        m_run = m_context.runs.snapshot(m_selected.session);
    }
    refresh();
    if (showsTable())
        updateTables();
}

void InspectorPanel::setLocked(bool locked) {
    m_locked = locked;
    m_lockButton->setChecked(locked);
    m_lockButton->setToolTip(locked ? tr("Locked to what it shows. Click to follow the selection again")
                                    : tr("Lock: keep showing this, whatever is selected"));
    updateIcons();
    if (!locked)
        refreshNow();
}

InspectorPanel* InspectorPanel::openLockedCopy() {
    auto* copy = makeAnother(m_context);
    copy->setParent(window(), Qt::Window);
    copy->setAttribute(Qt::WA_DeleteOnClose);
    copy->m_run = m_run;
    copy->m_selected = m_selected;
    copy->setLocked(true);
    copy->setWindowTitle(tr("%1, locked").arg(m_title));
    copy->resize(size());
    copy->show();
    return copy;
}

void InspectorPanel::updateIcons() {
    m_tableButton->setIcon(panelIcon(PanelIcon::Table, palette()));
    m_exportButton->setIcon(panelIcon(PanelIcon::Export, palette()));
    m_copyButton->setIcon(panelIcon(PanelIcon::Copy, palette()));
    m_lockButton->setIcon(panelIcon(m_locked ? PanelIcon::LockClosed : PanelIcon::LockOpen, palette()));
}

void InspectorPanel::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange && m_lockButton) {
        updateIcons();
        refreshSoon();
    }
    QWidget::changeEvent(event);
}

QString InspectorPanel::tableText() {
    updateTables();
    const auto* table = tableInFront();
    return table ? widgets::tableAsTsv(*table->model()) : QString();
}

QString InspectorPanel::exportTo(const QString& path, Format format) {
    const auto paint = [this](QPainter& painter, QSize size) { paintPicture(painter, size); };
    if (format == Format::Png)
        return widgets::savePng(path, pictureSize(), kPngScale, paint);
    if (format == Format::Svg)
        return widgets::saveSvg(path, pictureSize(), m_title, paint);
    updateTables();
    const auto* table = tableInFront();
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return file.errorString();
    file.write(table ? widgets::tableAsCsv(*table->model()).toUtf8() : QByteArray());
    return file.commit() ? QString() : file.errorString();
}

void InspectorPanel::save(Format format) {
    const auto suffix = format == Format::Png   ? QStringLiteral("png")
                        : format == Format::Svg ? QStringLiteral("svg")
                                                : QStringLiteral("csv");
    auto* dialog = new QFileDialog(this, tr("Save %1").arg(m_title));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffix);
    dialog->setNameFilter(QStringLiteral("*.") + suffix);
    dialog->selectFile(m_title.toLower() + QLatin1Char('.') + suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this, format](const QString& path) {
        const auto problem = exportTo(path, format);
        setCaption(problem.isEmpty() ? tr("Saved as %1.").arg(path) : tr("Could not save %1: %2").arg(path, problem));
    });
    dialog->open();
}

} // namespace bathy::panels
