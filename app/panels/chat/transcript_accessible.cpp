#include "app/panels/chat/transcript_accessible.h"

#include "app/panels/chat/transcript_view.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QHash>

namespace bathy::panels {
namespace {

// One message. Lives as long as its list; a message that is gone is invalid.
class MessageItem : public QAccessibleInterface {
public:
    MessageItem(TranscriptView& view, MessageId message) : m_view(view), m_message(message) {}

    bool isValid() const override { return m_view.message(m_message) != nullptr; }
    QObject* object() const override { return nullptr; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(&m_view); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QRect rect() const override { return m_view.messageRect(m_message); }
    void setText(QAccessible::Text, const QString&) override {}

    QString text(QAccessible::Text kind) const override {
        const auto* message = m_view.message(m_message);
        if (message == nullptr || kind != QAccessible::Name)
            return {};
        const int row = m_view.document().firstRowOf(m_message);
        const auto who = row >= 0 ? m_view.document().items().at(row).text : QString();
        return who + QStringLiteral(": ") + message->content + QLatin1Char('\n') +
               TranscriptDocument::footText(*message);
    }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.readOnly = true;
        state.focusable = true;
        state.multiLine = true;
        state.focused = m_view.currentMessage() == m_message && m_view.hasFocus();
        return state;
    }

private:
    TranscriptView& m_view;
    MessageId m_message;
};

class TranscriptList : public QAccessibleWidget {
public:
    explicit TranscriptList(TranscriptView* view) : QAccessibleWidget(view, QAccessible::List), m_view(*view) {}
    ~TranscriptList() override {
        for (const auto id : std::as_const(m_ids))
            QAccessible::deleteAccessibleInterface(id);
    }

    int childCount() const override { return static_cast<int>(m_view.messages().size()); }
    QAccessibleInterface* child(int index) const override {
        const auto messages = m_view.messages();
        if (index < 0 || index >= messages.size())
            return nullptr;
        auto& id = m_ids[static_cast<qint64>(messages.at(index))];
        if (id == 0)
            id = QAccessible::registerAccessibleInterface(new MessageItem(m_view, messages.at(index)));
        return QAccessible::accessibleInterface(id);
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        for (int i = 0; i < childCount(); ++i)
            if (this->child(i) == child)
                return i;
        return -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = 0; i < childCount(); ++i)
            if (auto* item = child(i); item->rect().contains(x, y))
                return item;
        return nullptr;
    }

private:
    TranscriptView& m_view;
    mutable QHash<qint64, QAccessible::Id> m_ids; // by message
};

QAccessibleInterface* make(const QString&, QObject* object) {
    auto* view = qobject_cast<TranscriptView*>(object);
    return view != nullptr ? new TranscriptList(view) : nullptr;
}

} // namespace

void installTranscriptAccessibility() {
    static const bool installed = [] {
        QAccessible::installFactory(make);
        return true;
    }();
    Q_UNUSED(installed)
}

} // namespace bathy::panels
