#include "app/panels/chat/conversation_sidebar.h"

#include "app/models/conversation_list_model.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QShortcut>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

namespace bathy::panels {
namespace {

constexpr int kSearchDelayMs = 150;

// A title; under it, while searching, where the words were found.
class ConversationDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const int lines = excerpt(index).isEmpty() ? 1 : 2;
        return {120, option.fontMetrics.height() * lines + 16};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        auto filled = option;
        initStyleOption(&filled, index);
        const auto title = std::exchange(filled.text, {});
        filled.widget->style()->drawControl(QStyle::CE_ItemViewItem, &filled, painter, filled.widget);
        const bool selected = option.state & QStyle::State_Selected;
        const auto box = option.rect.adjusted(12, 8, -8, -8);
        const int line = option.fontMetrics.height();
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text));
        painter->setFont(option.font);
        painter->drawText(QRect(box.left(), box.top(), box.width(), line), Qt::AlignVCenter,
                          option.fontMetrics.elidedText(title, Qt::ElideRight, box.width()));
        if (const auto found = excerpt(index); !found.isEmpty()) {
            if (!selected)
                painter->setPen(option.palette.color(QPalette::PlaceholderText));
            painter->drawText(QRect(box.left(), box.top() + line, box.width(), line), Qt::AlignVCenter,
                              option.fontMetrics.elidedText(found, Qt::ElideRight, box.width()));
        }
    }

private:
    static QString excerpt(const QModelIndex& index) {
        return index.data(models::ConversationListModel::ExcerptRole).toString().simplified();
    }
};

} // namespace

ConversationSidebar::ConversationSidebar(models::ConversationListModel& list, QWidget* parent)
    : QWidget(parent), m_list(list), m_search(new QLineEdit), m_view(new QListView), m_hint(new QLabel) {
    auto* fresh = new QPushButton(tr("New conversation"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search conversations"));
    m_search->setClearButtonEnabled(true);
    m_view->setModel(&list);
    m_view->setItemDelegate(new ConversationDelegate(m_view));
    m_view->setAccessibleName(tr("Conversations"));
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setResizeMode(QListView::Adjust);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(fresh);
    layout->addWidget(m_search);
    layout->addWidget(m_view, 1);
    connect(fresh, &QPushButton::clicked, this, &ConversationSidebar::newAsked);
    auto* delay = new QTimer(this);
    delay->setSingleShot(true);
    delay->setInterval(kSearchDelayMs);
    connect(m_search, &QLineEdit::textChanged, delay, qOverload<>(&QTimer::start));
    connect(delay, &QTimer::timeout, this, [this] { m_list.search(m_search->text()); });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (!m_marking && index.isValid())
            Q_EMIT openAsked(m_list.idAt(index.row()));
    });
    connect(m_view, &QListView::customContextMenuRequested, this, &ConversationSidebar::showMenu);
    connect(&list, &models::ConversationListModel::refreshed, this, &ConversationSidebar::markCurrent);
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    auto* over = new QVBoxLayout(m_view);
    over->setContentsMargins(8, 24, 8, 8);
    over->addWidget(m_hint, 0, Qt::AlignTop);
    showHint();
    connect(&list, &models::ConversationListModel::refreshed, this, &ConversationSidebar::showHint);
    auto* remove = new QShortcut(QKeySequence::Delete, m_view, nullptr, nullptr, Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &ConversationSidebar::removeCurrent);
}

void ConversationSidebar::setCurrent(storage::ConversationId id) {
    m_current = id;
    markCurrent();
}

void ConversationSidebar::markCurrent() {
    const QScopedValueRollback marking(m_marking, true);
    const int row = m_list.rowOf(m_current);
    m_view->setCurrentIndex(row >= 0 ? m_list.index(row) : QModelIndex());
}

void ConversationSidebar::showHint() {
    m_hint->setText(m_search->text().isEmpty() ? tr("Conversations appear here.")
                                               : tr("No conversation has these words."));
    m_hint->setVisible(m_list.rowCount() == 0);
}

void ConversationSidebar::focusSearch() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void ConversationSidebar::renameCurrent() {
    if (m_view->currentIndex().isValid())
        m_view->edit(m_view->currentIndex());
}

void ConversationSidebar::removeCurrent() {
    if (const auto index = m_view->currentIndex(); index.isValid())
        m_list.remove(m_list.idAt(index.row()));
}

void ConversationSidebar::showMenu(const QPoint& point) {
    const auto index = m_view->indexAt(point);
    if (!index.isValid())
        return;
    const auto id = m_list.idAt(index.row());
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Rename"), this, [this, index = QPersistentModelIndex(index)] { m_view->edit(index); });
    menu->addAction(tr("Delete"), this, [this, id] { m_list.remove(id); });
    menu->popup(m_view->viewport()->mapToGlobal(point));
}

} // namespace bathy::panels
