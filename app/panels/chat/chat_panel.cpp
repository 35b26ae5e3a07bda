#include "app/panels/chat/chat_panel.h"

#include "app/models/chat_presenter.h"
#include "app/models/conversation_export.h"
#include "app/models/conversation_list_model.h"
#include "app/models/model_presenter.h"
#include "app/panels/chat/activity_line.h"
#include "app/panels/chat/composer.h"
#include "app/panels/chat/conversation_sidebar.h"
#include "app/panels/chat/empty_page.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/settings_popover.h"
#include "app/panels/chat/transcript_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QSaveFile>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

namespace bathy::panels {
namespace {

constexpr int kSidebarWidth = 240;
constexpr int kUndoSeconds = 12;

} // namespace

ChatPanel::ChatPanel(const ChatPanelContext& context, QWidget* parent)
    : QWidget(parent), m_context(context), m_splitter(new QSplitter),
      m_sidebar(new ConversationSidebar(context.conversations)), m_pages(new QStackedWidget),
      m_empty(new EmptyPage(context.model)), m_transcript(new TranscriptView), m_notice(new NoticeBar),
      m_activity(new ActivityLine(context.chat)),
      m_composer(new Composer([this](const QString& text, QObject* receiver, std::function<void(qint64)> done) {
          m_context.chat.countTokens(text, receiver, std::move(done));
      })),
      m_settings(new SettingsPopover(this)) {
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_transcript);
    auto* main = new QWidget;
    auto* column = new QVBoxLayout(main);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHeader());
    column->addWidget(m_notice);
    column->addWidget(m_pages, 1);
    column->addWidget(buildFooter());
    m_splitter->addWidget(m_sidebar);
    m_splitter->addWidget(main);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({kSidebarWidth, 3 * kSidebarWidth});
    m_splitter->setHandleWidth(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    connectPresenter();
    connectList();
    showConversation();
    showModelState();
}

QWidget* ChatPanel::buildHeader() {
    auto* header = new QWidget;
    auto* layout = new QHBoxLayout(header);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(8);
    const auto button = [&](const QString& text, const QString& tip) {
        auto* made = new QToolButton;
        made->setText(text);
        made->setToolTip(tip);
        made->setAccessibleName(tip);
        made->setAutoRaise(true);
        return made;
    };
    auto* side = button(QStringLiteral("☰"), tr("Show or hide the conversations"));
    connect(side, &QToolButton::clicked, this, &ChatPanel::toggleSidebar);
    m_title = new QLabel;
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    auto* more = button(QStringLiteral("⋯"), tr("More"));
    auto* menu = new QMenu(more);
    menu->addAction(tr("Rename"), m_sidebar, &ConversationSidebar::renameCurrent);
    menu->addAction(tr("Export as Markdown…"), this, &ChatPanel::exportMarkdown);
    menu->addAction(tr("Export as JSON…"), this, &ChatPanel::exportJson);
    menu->addSeparator();
    menu->addAction(tr("Delete"), m_sidebar, &ConversationSidebar::removeCurrent);
    more->setMenu(menu);
    more->setPopupMode(QToolButton::InstantPopup);
    layout->addWidget(side);
    layout->addWidget(m_title, 1);
    layout->addWidget(more);
    return header;
}

QWidget* ChatPanel::buildFooter() {
    auto* footer = new QWidget;
    m_settingsButton = new QToolButton;
    m_settingsButton->setText(tr("Sampling…"));
    m_settingsButton->setToolTip(tr("Sampling, thinking and system text of this conversation"));
    m_settingsButton->setAutoRaise(true);
    connect(m_settingsButton, &QToolButton::clicked, this, &ChatPanel::openSettings);
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_activity, 1);
    line->addWidget(m_settingsButton);
    auto* layout = new QVBoxLayout(footer);
    layout->setContentsMargins(16, 8, 16, 12);
    layout->setSpacing(8);
    layout->addWidget(m_composer);
    layout->addLayout(line);
    return footer;
}

void ChatPanel::connectPresenter() {
    using models::ChatPresenter;
    auto& chat = m_context.chat;
    connect(&chat, &ChatPresenter::conversationShown, this, &ChatPanel::showConversation);
    connect(&chat, &ChatPresenter::pathChanged, this, [this] {
        m_transcript->pathChanged();
        showPage();
    });
    connect(&chat, &ChatPresenter::messageAdded, this, [this](models::MessageId id) {
        if (m_context.chat.conversation().find(id) != nullptr)
            m_transcript->messageAdded(id);
        showPage();
        showTitle();
    });
    const auto changed = [this](models::MessageId id) {
        if (m_context.chat.conversation().find(id) != nullptr)
            m_transcript->messageChanged(id);
    };
    connect(&chat, &ChatPresenter::messageGrew, this, changed);
    connect(&chat, &ChatPresenter::messageChanged, this, changed);
    connect(&chat, &ChatPresenter::activityChanged, this, &ChatPanel::updateReadiness);
    connect(&chat, &ChatPresenter::listChanged, &m_context.conversations, &models::ConversationListModel::refresh);
    connect(&chat, &ChatPresenter::problem, this, [this](const models::ErrorText& problem) {
        notify(QStringList{problem.title, problem.detail, problem.advice}.join(QLatin1Char(' ')).simplified());
    });
    connect(&m_context.model, &models::ModelPresenter::stateChanged, this, &ChatPanel::showModelState);
    connect(m_composer, &Composer::sendAsked, this, &ChatPanel::send);
    connect(m_composer, &Composer::stopAsked, this, &ChatPanel::stop);
    connect(m_composer, &Composer::editingLeft, this, &ChatPanel::leaveEdit);
    connect(m_composer, &Composer::refused, this, &ChatPanel::notify);
    connect(m_settings, &SettingsPopover::changed, this,
            [this] { m_context.chat.setSettings(m_settings->settings()); });
    connect(m_transcript, &TranscriptView::actionAsked, this, &ChatPanel::run);
    connect(m_transcript, &TranscriptView::linkClicked, this, [this](const QString& target) {
        // A model wrote this link: it opens only when the user says so, having seen where it goes.
        const QUrl url(target);
        if (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https") &&
            url.scheme() != QLatin1String("mailto"))
            return notify(tr("Not opened, because it is not a web address: %1").arg(target));
        m_notice->show(tr("Open %1 ?").arg(url.toDisplayString(QUrl::FullyEncoded)), tr("Open"),
                       [url] { QDesktopServices::openUrl(url); });
    });
    connect(m_empty, &EmptyPage::promptChosen, this, [this](const QString& prompt) {
        m_composer->setText(prompt);
        send();
    });
    connect(m_empty, &EmptyPage::openModelAsked, this, &ChatPanel::openModelAsked);
}

void ChatPanel::connectList() {
    using models::ConversationListModel;
    auto& list = m_context.conversations;
    connect(m_sidebar, &ConversationSidebar::newAsked, this, &ChatPanel::newConversation);
    connect(m_sidebar, &ConversationSidebar::openAsked, this,
            [this](storage::ConversationId id) { m_context.chat.openConversation(id); });
    connect(&list, &ConversationListModel::renamed, this, [this](storage::ConversationId id, const QString& title) {
        m_context.chat.setTitle(id, title);
        showTitle();
    });
    connect(&list, &ConversationListModel::removed, this, [this](storage::ConversationId id, const QString& title) {
        m_undo = Undo::Conversation;
        if (id == m_context.chat.conversation().id())
            newConversation();
        m_notice->show(
            tr("“%1” was deleted.").arg(title), tr("Undo"), [this] { undoDelete(); }, kUndoSeconds);
    });
    connect(&list, &ConversationListModel::restored, this,
            [this](storage::ConversationId id) { m_context.chat.openConversation(id); });
}

void ChatPanel::showConversation() {
    const auto& conversation = m_context.chat.conversation();
    leaveEdit();
    m_transcript->setConversation(conversation);
    m_sidebar->setCurrent(conversation.id());
    m_settings->setSettings(conversation.settings());
    showPage();
    showTitle();
    updateReadiness();
}

void ChatPanel::showPage() {
    m_pages->setCurrentWidget(m_context.chat.conversation().isEmpty() ? static_cast<QWidget*>(m_empty) : m_transcript);
}

void ChatPanel::showTitle() {
    const auto& title = m_context.chat.conversation().row().title;
    m_title->setText(title.isEmpty() ? tr("New conversation") : title);
    m_sidebar->setCurrent(m_context.chat.conversation().id());
}

void ChatPanel::updateReadiness() {
    const bool running = m_context.chat.activity() != models::ChatPresenter::Activity::Idle;
    m_composer->setRunning(running);
    m_composer->setBlocked(m_context.chat.whyNotReady());
    m_transcript->setBusy(running);
}

void ChatPanel::showModelState() {
    using State = models::ModelPresenter::State;
    auto& model = m_context.model;
    if (model.card()) {
        QStringList efforts;
        for (const auto& effort : model.card()->efforts)
            efforts << QString::fromStdString(effort);
        m_settings->setEfforts(efforts, QString::fromStdString(model.card()->effortsMissingReason));
    }
    if (model.state() == State::EngineDead)
        m_notice->show(
            tr("%1 What was written so far is kept. (%2)").arg(model.failure().title, model.failure().detail),
            tr("Restart and reload"), [this] { m_context.model.restart(); });
    else if (model.state() == State::Failed)
        notify(QStringList{model.failure().title, model.failure().detail, model.failure().advice}
                   .join(QLatin1Char(' '))
                   .simplified());
    else if (model.state() == State::Loaded)
        m_notice->dismiss();
    updateReadiness();
}

void ChatPanel::notify(const QString& text) {
    m_notice->show(text);
}

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
        return m_notice->show(
            tr("The message was deleted."), tr("Undo"), [this] { undoDelete(); }, kUndoSeconds);
    case RowAction::Inspect:
        Q_EMIT inspectAsked(message->facts.generation);
        return;
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

void ChatPanel::attachFiles() {
    m_composer->chooseFiles();
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

} // namespace bathy::panels
