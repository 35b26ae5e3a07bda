#include "app/panels/snapshots/snapshots_panel.h"

#include "widgets/common/row_table.h"

#include <QCheckBox>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace bathy::panels {
namespace {

using models::SnapshotItem;
using models::SnapshotModel;
using models::SnapshotPresenter;

constexpr qint64 kGiB = qint64{1} << 30;
constexpr int kLargestQuotaGiB = 100'000;

QString sizeText(qint64 bytes) {
    return QLocale().formattedDataSize(bytes, 1);
}

} // namespace

SnapshotsPanel::SnapshotsPanel(SnapshotPresenter& snapshots, QWidget* parent)
    : QWidget(parent), m_snapshots(snapshots), m_table(new QTableView), m_empty(new QLabel),
      m_pages(new QStackedWidget), m_status(new QLabel) {
    m_sorted.setSourceModel(&snapshots.model());
    m_sorted.setSortRole(SnapshotModel::kSortRole);
    m_empty->setText(
        tr("Nothing is kept yet. When an answer ends, what the model has read of its conversation is kept here, so "
           "that "
           "the conversation goes on in a moment tomorrow instead of being read again. Conversations of less than %1 "
           "tokens are left out: they are read as fast.")
            .arg(SnapshotPresenter::kFewestTokens));
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMargin(24);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_status->setWordWrap(true);
    m_pages->addWidget(m_empty);
    m_pages->addWidget(buildTable());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(8);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_status);
    layout->addWidget(buildTools());
    layout->addWidget(buildKeeping());
    connect(&snapshots, &SnapshotPresenter::changed, this, &SnapshotsPanel::updateState);
    connect(&snapshots, &SnapshotPresenter::verifyingChanged, this, &SnapshotsPanel::updateState);
    connect(&snapshots, &SnapshotPresenter::verified, this, &SnapshotsPanel::say);
    updateState();
}

QWidget* SnapshotsPanel::buildTable() {
    m_table->setModel(&m_sorted);
    m_table->setAccessibleName(tr("Snapshots"));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    constexpr int letters[SnapshotModel::ColumnCount] = {34, 14, 10, 10, 17, 17, 20};
    widgets::styleRowTable(*m_table, letters);
    m_table->sortByColumn(SnapshotModel::Used, Qt::DescendingOrder);
    connect(m_table, &QTableView::activated, this, &SnapshotsPanel::openSelected);
    connect(m_table, &QTableView::customContextMenuRequested, this, &SnapshotsPanel::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SnapshotsPanel::updateState);
    return m_table;
}

QWidget* SnapshotsPanel::buildTools() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    const auto add = [&](const QString& text, const QString& tip, void (SnapshotsPanel::*run)()) {
        auto* button = new QPushButton(text);
        button->setToolTip(tip);
        connect(button, &QPushButton::clicked, this, run);
        layout->addWidget(button);
        return button;
    };
    m_open = add(tr("Open the conversation"), tr("Show the conversation that the snapshot was made of"),
                 &SnapshotsPanel::openSelected);
    m_verify = add(tr("Verify"),
                   tr("Feed the last token again and compare what the model says with what it said when the snapshot "
                      "was made, bit for bit"),
                   &SnapshotsPanel::verifySelected);
    m_pin = add(tr("Pin"), tr("Never delete it to make room"), &SnapshotsPanel::pinSelected);
    m_remove = add(tr("Delete…"), tr("Delete it from the disk; the conversation itself stays"),
                   &SnapshotsPanel::removeSelected);
    layout->addStretch();
    return row;
}

QWidget* SnapshotsPanel::buildKeeping() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto* on = new QCheckBox(tr("Keep what is read, up to"));
    on->setChecked(m_snapshots.isOn());
    connect(on, &QCheckBox::toggled, this, [this](bool checked) { m_snapshots.setOn(checked); });
    auto* quota = new QSpinBox;
    quota->setRange(1, kLargestQuotaGiB);
    quota->setSuffix(tr(" GiB"));
    quota->setValue(static_cast<int>(std::clamp<qint64>(m_snapshots.quotaBytes() / kGiB, 1, kLargestQuotaGiB)));
    quota->setKeyboardTracking(false); // half a number must not delete anything
    quota->setAccessibleName(tr("Most that snapshots may take"));
    quota->setToolTip(tr("When they take more, those unused for longest are deleted, but for pinned ones"));
    quota->setEnabled(on->isChecked());
    connect(on, &QCheckBox::toggled, quota, &QWidget::setEnabled);
    connect(quota, &QSpinBox::valueChanged, this, [this](int value) { m_snapshots.setQuotaBytes(value * kGiB); });
    auto* folder = new QPushButton(tr("Show the folder"));
    folder->setToolTip(m_snapshots.folder());
    connect(folder, &QPushButton::clicked, this, &SnapshotsPanel::showFolder);
    layout->addWidget(on);
    layout->addWidget(quota);
    layout->addStretch();
    layout->addWidget(folder);
    return row;
}

void SnapshotsPanel::setOpenModel(const QString& fingerprint) {
    m_fingerprint = fingerprint;
    if (isVisible())
        m_snapshots.refresh();
    updateState();
}

QVector<SnapshotItem> SnapshotsPanel::selected() const {
    QVector<SnapshotItem> items;
    for (const auto& index : m_table->selectionModel()->selectedRows())
        items.append(m_snapshots.model().items().at(m_sorted.mapToSource(index).row()));
    return items;
}

QString SnapshotsPanel::statusText() const {
    if (m_snapshots.isVerifying())
        return tr("Verifying…");
    const auto count = m_snapshots.model().items().size();
    if (count == 0)
        return m_outcome;
    const auto all = (count == 1 ? tr("1 snapshot takes %1 on disk.").arg(sizeText(m_snapshots.bytes()))
                                 : tr("%1 snapshots take %2 on disk; what they have in common is there once.")
                                       .arg(QLocale().toString(count), sizeText(m_snapshots.bytes())));
    return m_outcome.isEmpty() ? all : m_outcome + QLatin1Char('\n') + all;
}

void SnapshotsPanel::updateState() {
    const auto items = selected();
    const bool one = items.size() == 1;
    m_pages->setCurrentWidget(m_snapshots.model().items().isEmpty() ? static_cast<QWidget*>(m_empty) : m_table);
    m_open->setEnabled(one && items.first().conversation != storage::ConversationId{});
    m_verify->setEnabled(one && items.first().problem.isEmpty() && items.first().fingerprint == m_fingerprint &&
                         !m_snapshots.isVerifying());
    m_pin->setEnabled(!items.isEmpty() &&
                      std::all_of(items.begin(), items.end(), [](const auto& i) { return i.ours; }));
    m_pin->setText(!items.isEmpty() && items.first().pinned ? tr("Unpin") : tr("Pin"));
    m_remove->setEnabled(!items.isEmpty());
    m_status->setText(statusText());
    m_status->setVisible(!m_status->text().isEmpty());
}

void SnapshotsPanel::showMenu(const QPoint& at) {
    QMenu menu(this);
    for (auto* button : {m_open, m_verify, m_pin, m_remove})
        menu.addAction(button->text(), button, &QPushButton::click)->setEnabled(button->isEnabled());
    menu.exec(m_table->viewport()->mapToGlobal(at));
}

void SnapshotsPanel::openSelected() {
    if (m_open->isEnabled())
        Q_EMIT conversationAsked(selected().first().conversation);
}

void SnapshotsPanel::pinSelected() {
    const auto items = selected();
    const bool pin = !items.first().pinned;
    for (const auto& item : items)
        m_snapshots.setPinned(item.id, pin);
}

void SnapshotsPanel::verifySelected() {
    m_outcome.clear();
    m_snapshots.verify(selected().first().id);
}

void SnapshotsPanel::removeSelected() {
    QStringList ids;
    qint64 tokens = 0;
    for (const auto& item : selected()) {
        ids << item.id;
        tokens += item.tokens;
    }
    const auto what = ids.size() == 1 ? tr("Delete this snapshot?") : tr("Delete these %1 snapshots?").arg(ids.size());
    const auto cost = tr("No conversation is lost. To go on, the model will read up to %1 tokens again.")
                          .arg(QLocale().toString(tokens));
    if (QMessageBox::question(this, tr("Delete snapshots"), what + QStringLiteral("\n\n") + cost) == QMessageBox::Yes)
        m_snapshots.remove(ids);
}

void SnapshotsPanel::showFolder() {
    QDesktopServices::openUrl(QUrl::fromLocalFile(m_snapshots.folder()));
}

void SnapshotsPanel::say(const SnapshotPresenter::Verified& outcome) {
    const QLocale locale;
    const auto took = locale.toString(outcome.seconds, 'f', 2);
    m_outcome = outcome.same
                    ? tr("“%1”: after %2 tokens the model says the same as when the snapshot was made, bit for "
                         "bit (%3 s).")
                          .arg(outcome.name, locale.toString(outcome.tokens), took)
                    : tr("“%1”: after %2 tokens the model says something else than when the snapshot was made; "
                         "the largest difference of a logit is %3.")
                          .arg(outcome.name, locale.toString(outcome.tokens),
                               locale.toString(outcome.largestDifference, 'g', 3));
    updateState();
}

void SnapshotsPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_snapshots.refresh();
}

} // namespace bathy::panels
