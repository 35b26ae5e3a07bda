#include "app/shell/action_registry.h"

#include <QWidget>

namespace bathy::shell {
namespace {

constexpr const char* kIdProperty = "bathyId";
constexpr const char* kCategoryProperty = "bathyCategory";

QString settingsKey(const QString& id) {
    return QStringLiteral("shortcuts/") + id;
}

} // namespace

ActionRegistry::ActionRegistry(QSettings& settings, QWidget& window)
    : QObject(&window), m_settings(settings), m_window(window) {}

QAction* ActionRegistry::add(const ActionSpec& spec, std::function<void()> run) {
    auto* action = new QAction(spec.text, this);
    action->setCheckable(spec.checkable);
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    adopt(spec, action);
    return action;
}

void ActionRegistry::adopt(const ActionSpec& spec, QAction* action) {
    action->setText(spec.text);
    action->setProperty(kIdProperty, spec.id);
    action->setProperty(kCategoryProperty, spec.category);
    if (!spec.tip.isEmpty())
        action->setToolTip(spec.tip);
    m_defaults.insert(spec.id, spec.shortcut);
    const auto kept = m_settings.value(settingsKey(spec.id));
    action->setShortcut(kept.isValid() ? QKeySequence(kept.toString(), QKeySequence::PortableText) : spec.shortcut);
    m_actions.insert(spec.id, action);
    m_ordered.append(action);
    m_window.addAction(action);
}

QString ActionRegistry::id(const QAction* action) {
    return action->property(kIdProperty).toString();
}

QString ActionRegistry::category(const QAction* action) {
    return action->property(kCategoryProperty).toString();
}

QString ActionRegistry::plainText(const QAction* action) {
    auto text = action->text();
    text.remove(QLatin1Char('&'));
    return text;
}

QAction* ActionRegistry::conflict(const QString& id, const QKeySequence& shortcut) const {
    if (shortcut.isEmpty())
        return nullptr;
    for (auto* action : m_ordered)
        if (ActionRegistry::id(action) != id && action->shortcut() == shortcut)
            return action;
    return nullptr;
}

void ActionRegistry::setShortcut(const QString& id, const QKeySequence& shortcut) {
    auto* action = find(id);
    if (!action)
        return;
    if (auto* other = conflict(id, shortcut)) {
        other->setShortcut({});
        store(ActionRegistry::id(other));
    }
    action->setShortcut(shortcut);
    store(id);
}

void ActionRegistry::resetShortcuts() {
    m_settings.remove(QStringLiteral("shortcuts"));
    for (auto* action : m_ordered)
        action->setShortcut(m_defaults.value(id(action)));
}

void ActionRegistry::store(const QString& id) {
    const auto shortcut = find(id)->shortcut();
    if (shortcut == m_defaults.value(id))
        m_settings.remove(settingsKey(id));
    else
        m_settings.setValue(settingsKey(id), shortcut.toString(QKeySequence::PortableText));
}

} // namespace bathy::shell
