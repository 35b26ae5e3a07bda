#include "app/shell/settings_dialog.h"

#include "app/shell/action_registry.h"
#include "app/shell/theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileInfo>
#include <QFormLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace bathy::shell {
namespace {

constexpr int kIdRole = Qt::UserRole;
enum Column { kAction, kShortcut, kDefault, kColumns };

} // namespace

SettingsDialog::SettingsDialog(Context context, QWidget* parent)
    : QDialog(parent), m_context(std::move(context)), m_tabs(new QTabWidget) {
    setWindowTitle(tr("Settings"));
    resize(640, 520);
    m_tabs->addTab(appearancePage(), tr("Appearance"));
    m_tabs->addTab(shortcutsPage(), tr("Shortcuts"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(m_tabs);
    layout->addWidget(buttons);
}

QWidget* SettingsDialog::appearancePage() {
    auto* theme = new QComboBox;
    theme->addItem(tr("As the system"), Theme::choiceName(ThemeChoice::System));
    theme->addItem(tr("Light"), Theme::choiceName(ThemeChoice::Light));
    theme->addItem(tr("Dark"), Theme::choiceName(ThemeChoice::Dark));
    theme->setCurrentIndex(theme->findData(Theme::choiceName(m_context.theme.choice())));
    connect(theme, &QComboBox::activated, this, [this, theme] {
        m_context.settings.setValue(QStringLiteral("appearance/theme"), theme->currentData());
        m_context.theme.apply(Theme::choiceFromName(theme->currentData().toString()));
    });
    auto* textSize = new QSpinBox;
    textSize->setRange(kSmallestText, kLargestText);
    textSize->setValue(m_context.textSize);
    textSize->setSuffix(tr(" pt against the system's"));
    connect(textSize, &QSpinBox::valueChanged, this, [this](int points) { m_context.changeTextSize(points); });
    auto* place = new QLabel(QDir::toNativeSeparators(QFileInfo(m_context.settings.fileName()).path()));
    place->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    place->setWordWrap(true);
    auto* page = new QWidget;
    auto* form = new QFormLayout(page);
    form->setContentsMargins(16, 16, 16, 16);
    form->setVerticalSpacing(12);
    form->addRow(tr("&Theme:"), theme);
    form->addRow(tr("Te&xt size:"), textSize);
    form->addRow(tr("Settings are kept in:"), place);
    return page;
}

void SettingsDialog::showPage(Page page) {
    m_tabs->setCurrentIndex(static_cast<int>(page));
}

QWidget* SettingsDialog::shortcutsPage() {
    auto* filter = new QLineEdit;
    filter->setPlaceholderText(tr("Filter by name or shortcut"));
    filter->setClearButtonEnabled(true);
    auto* tree = new QTreeWidget;
    tree->setObjectName(QStringLiteral("shortcutTree"));
    tree->setColumnCount(kColumns);
    tree->setHeaderLabels({tr("Action"), tr("Shortcut"), tr("Default")});
    tree->setRootIsDecorated(false);
    tree->setAlternatingRowColors(true);
    tree->header()->setSectionResizeMode(kAction, QHeaderView::Stretch);
    auto* edit = new QKeySequenceEdit;
    edit->setObjectName(QStringLiteral("shortcutEdit"));
    auto* assign = new QPushButton(tr("&Assign"));
    auto* reset = new QPushButton(tr("Reset &all"));
    auto* message = new QLabel;
    message->setWordWrap(true);
    fillShortcuts(*tree);

    connect(filter, &QLineEdit::textChanged, tree, [tree](const QString& text) {
        for (int i = 0; i < tree->topLevelItemCount(); ++i) {
            auto* item = tree->topLevelItem(i);
            item->setHidden(!item->text(kAction).contains(text, Qt::CaseInsensitive) &&
                            !item->text(kShortcut).contains(text, Qt::CaseInsensitive));
        }
    });
    const auto current = [this, tree] {
        return tree->currentItem() ? tree->currentItem()->data(kAction, kIdRole).toString() : QString();
    };
    connect(tree, &QTreeWidget::currentItemChanged, edit, [this, edit, current] {
        if (const auto* action = m_context.actions.find(current()))
            edit->setKeySequence(action->shortcut());
    });
    connect(edit, &QKeySequenceEdit::keySequenceChanged, message, [this, message, current](const QKeySequence& keys) {
        const auto* other = m_context.actions.conflict(current(), keys);
        message->setText(
            other
                ? tr("%1 has this shortcut; assigning takes it away from there.").arg(ActionRegistry::plainText(other))
                : QString());
    });
    connect(assign, &QPushButton::clicked, this, [this, tree, edit, current] {
        const auto id = current();
        m_context.actions.setShortcut(id, edit->keySequence());
        fillShortcuts(*tree);
    });
    connect(reset, &QPushButton::clicked, this, [this, tree] {
        m_context.actions.resetShortcuts();
        fillShortcuts(*tree);
    });

    auto* row = new QHBoxLayout;
    row->addWidget(new QLabel(tr("New shortcut:")));
    row->addWidget(edit, 1);
    row->addWidget(assign);
    row->addWidget(reset);
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->addWidget(filter);
    layout->addWidget(tree, 1);
    layout->addLayout(row);
    layout->addWidget(message);
    return page;
}

void SettingsDialog::fillShortcuts(QTreeWidget& tree) const {
    const auto kept = tree.currentItem() ? tree.currentItem()->data(kAction, kIdRole) : QVariant();
    tree.clear();
    for (const auto* action : m_context.actions.actions()) {
        const auto id = ActionRegistry::id(action);
        auto* item = new QTreeWidgetItem(&tree);
        item->setText(kAction,
                      ActionRegistry::category(action) + QStringLiteral(": ") + ActionRegistry::plainText(action));
        item->setText(kShortcut, action->shortcut().toString(QKeySequence::NativeText));
        item->setText(kDefault, m_context.actions.defaultShortcut(id).toString(QKeySequence::NativeText));
        item->setData(kAction, kIdRole, id);
        if (id == kept)
            tree.setCurrentItem(item);
    }
}

} // namespace bathy::shell
