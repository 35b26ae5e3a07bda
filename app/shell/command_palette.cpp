#include "app/shell/command_palette.h"

#include "app/shell/action_registry.h"
#include "app/shell/fuzzy_match.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace bathy::shell {
namespace {

constexpr int kActionRole = Qt::UserRole;
constexpr int kShortcutRole = Qt::UserRole + 1;
constexpr int kWidth = 560;
constexpr int kHeight = 380;

// The text on the left, the shortcut on the right in the muted colour.
class PaletteDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        const auto shortcut = index.data(kShortcutRole).toString();
        const bool selected = option.state & QStyle::State_Selected;
        painter->save();
        painter->setPen(option.palette.color(selected ? QPalette::HighlightedText : QPalette::PlaceholderText));
        painter->drawText(option.rect.adjusted(0, 0, -12, 0), Qt::AlignRight | Qt::AlignVCenter, shortcut);
        painter->restore();
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        auto size = QStyledItemDelegate::sizeHint(option, index);
        size.setHeight(option.fontMetrics.height() + 12);
        return size;
    }
};

struct Hit {
    int score;
    QAction* action;
};

} // namespace

CommandPalette::CommandPalette(const ActionRegistry& actions, QWidget* window)
    : QFrame(window), m_actions(actions), m_query(new QLineEdit(this)), m_list(new QListWidget(this)) {
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setAccessibleName(tr("Command palette"));
    m_query->setPlaceholderText(tr("Type what you want to do"));
    m_query->setClearButtonEnabled(true);
    m_query->setAccessibleName(tr("Command"));
    m_list->setItemDelegate(new PaletteDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_query);
    layout->addWidget(m_list);
    m_query->installEventFilter(this);
    connect(m_query, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(m_list, &QListWidget::itemActivated, this, &CommandPalette::runCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    hide();
}

void CommandPalette::open() {
    const auto area = parentWidget()->rect();
    const int width = std::min(kWidth, area.width() - 32);
    setGeometry((area.width() - width) / 2, 48, width, std::min(kHeight, area.height() - 96));
    m_query->clear();
    refill();
    show();
    raise();
    m_query->setFocus();
}

void CommandPalette::refill() {
    const auto query = m_query->text();
    std::vector<Hit> hits;
    for (auto* action : m_actions.actions()) {
        const auto label = ActionRegistry::category(action) + QStringLiteral(": ") + ActionRegistry::plainText(action);
        if (!action->isEnabled())
            continue;
        if (const auto score = fuzzyScore(query, label))
            hits.push_back({*score, action});
    }
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) { return a.score > b.score; });
    m_list->clear();
    for (const auto& hit : hits) {
        auto* item = new QListWidgetItem(ActionRegistry::category(hit.action) + QStringLiteral(": ") +
                                         ActionRegistry::plainText(hit.action));
        item->setData(kActionRole, QVariant::fromValue(hit.action));
        item->setData(kShortcutRole, hit.action->shortcut().toString(QKeySequence::NativeText));
        m_list->addItem(item);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
    const auto* item = m_list->currentItem();
    const QPointer<QAction> action = item ? item->data(kActionRole).value<QAction*>() : nullptr;
    hide();
    parentWidget()->setFocus();
    if (action)
        action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::FocusOut && isVisible() && !m_list->underMouse())
        hide();
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Escape:
        hide();
        parentWidget()->setFocus();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        runCurrent();
        return true;
    case Qt::Key_Down:
        m_list->setCurrentRow(std::min(m_list->currentRow() + 1, m_list->count() - 1));
        return true;
    case Qt::Key_Up:
        m_list->setCurrentRow(std::max(m_list->currentRow() - 1, 0));
        return true;
    default:
        return QFrame::eventFilter(watched, event);
    }
}

} // namespace bathy::shell
