// What menus, shortcuts and the buttons under messages do.
#include "app/models/chat_presenter.h"
#include "app/models/conversation_export.h"
#include "app/models/conversation_list_model.h"
#include "app/panels/chat/chat_panel.h"
#include "app/panels/chat/composer.h"
#include "app/panels/chat/conversation_sidebar.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/settings_popover.h"
#include "app/panels/chat/transcript_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QKeyEvent>
#include <QSaveFile>
#include <QToolButton>
#include <QUrl>

// A static library's resources are linked only when they are named; must stand outside every namespace.
static void keepSample() {
    Q_INIT_RESOURCE(chat);
}

namespace bathy::panels {
namespace {

constexpr int kOutcomeSeconds = 12;
const auto kSampleDocument = QStringLiteral(":/documents/A book of small stories.txt");

} // namespace

void ChatPanel::newConversation() {
    m_context.chat.newConversation();
    focusComposer();
}

void ChatPanel::send() {
    if (const auto why = m_context.chat.whyNotReady(); !why.isEmpty())
        return notify(why);
    const auto text = m_composer->text();
    const auto documents = m_composer->documents();
    const auto editing = std::exchange(m_editing, {});
    m_composer->clear();
    if (editing != models::MessageId{})
        m_context.chat.editAndResend(editing, text);
    else
        m_context.chat.send(text, documents);
}

void ChatPanel::ask(const models::SuggestedPrompt& prompt) {
    auto settings = m_context.chat.conversation().settings();
    settings.thinking = prompt.thinking ? api::ThinkingMode::Thinking : api::ThinkingMode::Chat;
    m_context.chat.setSettings(settings);
    m_settings->setSettings(settings);
    m_composer->setText(prompt.text);
    send();
}

void ChatPanel::stop() {
    m_context.chat.stop();
}

void ChatPanel::run(RowAction action, models::MessageId id) {
    const auto* message = m_context.chat.conversation().find(id);
    if (message == nullptr)
        return;
    switch (action) {
    case RowAction::OlderVersion:
        return m_context.chat.showVersion(id, -1);
    case RowAction::NewerVersion:
        return m_context.chat.showVersion(id, 1);
    case RowAction::Copy:
        return QApplication::clipboard()->setText(message->content);
    case RowAction::Edit:
        return beginEdit(id);
    case RowAction::Regenerate:
        if (const auto why = m_context.chat.whyNotReady(); !why.isEmpty())
            return notify(why);
        return m_context.chat.regenerate(id);
    case RowAction::Delete:
        m_context.chat.remove(id);
        m_undo = Undo::Message;
        return offerUndo(tr("The message was deleted."));
    case RowAction::Inspect:
        Q_EMIT inspectAsked(message->facts.generation);
        return;
    case RowAction::Replay:
        return m_context.chat.replay(id);
    case RowAction::ToggleReasoning:
    case RowAction::CopyCode:
        return; // the transcript does these itself
    }
}

void ChatPanel::beginEdit(models::MessageId message) {
    m_editing = message;
    m_composer->clear();
    m_composer->setText(m_context.chat.conversation().find(message)->content);
    m_composer->setEditing(true);
    focusComposer();
}

void ChatPanel::leaveEdit() {
    if (std::exchange(m_editing, {}) != models::MessageId{})
        m_composer->clear();
}

models::MessageId ChatPanel::lastOf(models::Role role) const {
    const auto& conversation = m_context.chat.conversation();
    const auto path = conversation.path();
    for (auto id = path.crbegin(); id != path.crend(); ++id)
        if (conversation.find(*id)->role == role)
            return *id;
    return {};
}

models::MessageId ChatPanel::versionTarget() const {
    const auto current = m_transcript->currentMessage();
    return m_context.chat.conversation().find(current) != nullptr ? current : lastOf(models::Role::Assistant);
}

void ChatPanel::regenerate() {
    run(RowAction::Regenerate, lastOf(models::Role::Assistant));
}
void ChatPanel::replay() {
    run(RowAction::Replay, versionTarget());
}
void ChatPanel::editLast() {
    run(RowAction::Edit, lastOf(models::Role::User));
}
void ChatPanel::copyLastAnswer() {
    run(RowAction::Copy, lastOf(models::Role::Assistant));
}
void ChatPanel::deleteLast() {
    run(RowAction::Delete, m_context.chat.conversation().lastOfPath());
}
void ChatPanel::olderVersion() {
    run(RowAction::OlderVersion, versionTarget());
}
void ChatPanel::newerVersion() {
    run(RowAction::NewerVersion, versionTarget());
}

void ChatPanel::showReplayOutcome(qint64 expected, qint64 same, bool stopped) {
    if (stopped)
        return notify(tr("The replay was stopped."));
    if (same < expected)
        notify(tr("The replay went another way after %1 of %2 tokens: not everything that made this answer is the same "
                  "any more.")
                   .arg(same)
                   .arg(expected));
    else
        m_notice->show(
            tr("Replayed: all %1 tokens came out the same. The panels show the answer with its whole prompt.")
                .arg(expected),
            {}, {}, kOutcomeSeconds);
    Q_EMIT replayShown();
}

void ChatPanel::undoDelete() {
    switch (std::exchange(m_undo, Undo::None)) {
    case Undo::Message:
        m_context.chat.undoRemove();
        break;
    case Undo::Conversation:
        m_context.conversations.undoRemove();
        break;
    case Undo::None:
        return;
    }
    m_notice->dismiss();
}

// A stranger or a model wrote this link: it opens only when the user says so, having seen where it goes.
void ChatPanel::offerLink(const QString& target) {
    const QUrl url(target);
    if (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https") &&
        url.scheme() != QLatin1String("mailto"))
        return notify(tr("Not opened, because it is not a web address: %1").arg(target));
    m_notice->show(tr("Open %1 ?").arg(url.toDisplayString(QUrl::FullyEncoded)), tr("Open"),
                   [url] { QDesktopServices::openUrl(url); });
}

void ChatPanel::attachFiles() {
    m_composer->chooseFiles();
}

void ChatPanel::openSample() {
    keepSample();
    newConversation();
    m_composer->clear();
    m_composer->attach(kSampleDocument);
    m_composer->setText(tr("What is the secret number of Mira?"));
}

void ChatPanel::exportMarkdown() {
    saveAs(tr("Markdown (*.md)"), QStringLiteral(".md"), models::toMarkdown(m_context.chat.conversation()).toUtf8());
}
void ChatPanel::exportJson() {
    saveAs(tr("JSON (*.json)"), QStringLiteral(".json"), models::toJson(m_context.chat.conversation()));
}

void ChatPanel::saveAs(const QString& filter, const QString& suffix, const QByteArray& content) {
    const auto path = QFileDialog::getSaveFileName(this, tr("Export the conversation"),
                                                   models::exportName(m_context.chat.conversation()) + suffix, filter);
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
        notify(tr("Could not write %1: %2").arg(path, file.errorString()));
}

void ChatPanel::openSettings() {
    m_settings->openAt(m_settingsButton);
}
void ChatPanel::toggleSidebar() {
    m_sidebar->setVisible(!m_sidebar->isVisible());
}
void ChatPanel::focusSearch() {
    m_sidebar->show();
    m_sidebar->focusSearch();
}
void ChatPanel::focusComposer() {
    m_composer->focusText();
}
void ChatPanel::jumpToLatest() {
    m_transcript->jumpToEnd();
}

void ChatPanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_context.chat.activity() != models::ChatPresenter::Activity::Idle)
        return stop();
    QWidget::keyPressEvent(event);
}

} // namespace bathy::panels
