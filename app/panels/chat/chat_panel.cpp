#include "app/panels/chat/chat_panel.h"

#include "app/models/chat_presenter.h"
#include "app/models/conversation_list_model.h"
#include "app/models/model_presenter.h"
#include "app/panels/chat/activity_line.h"
#include "app/panels/chat/composer.h"
#include "app/panels/chat/conversation_sidebar.h"
#include "app/panels/chat/empty_page.h"
#include "app/panels/chat/notice_bar.h"
#include "app/panels/chat/settings_popover.h"
#include "app/panels/chat/transcript_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
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
    connect(&chat, &ChatPresenter::replayEnded, this, [this](const ChatPresenter::ReplayOutcome& outcome) {
        showReplayOutcome(outcome.expectedTokens, outcome.sameTokens, outcome.stopped);
    });
    connect(&m_context.model, &models::ModelPresenter::stateChanged, this, &ChatPanel::showModelState);
    connect(m_composer, &Composer::sendAsked, this, &ChatPanel::send);
    connect(m_composer, &Composer::stopAsked, this, &ChatPanel::stop);
    connect(m_composer, &Composer::editingLeft, this, &ChatPanel::leaveEdit);
    connect(m_composer, &Composer::refused, this, &ChatPanel::notify);
    connect(m_settings, &SettingsPopover::changed, this, [this] {
        auto settings = m_settings->settings();
        settings.bannedExperts = m_context.chat.conversation().settings().bannedExperts; // no field there
        m_context.chat.setSettings(settings);
    });
    connect(m_transcript, &TranscriptView::actionAsked, this, &ChatPanel::run);
    connect(m_transcript, &TranscriptView::linkClicked, this, &ChatPanel::offerLink);
    connect(m_empty, &EmptyPage::promptChosen, this, &ChatPanel::ask);
    connect(m_empty, &EmptyPage::sampleAsked, this, &ChatPanel::openSample);
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
        offerUndo(tr("“%1” was deleted.").arg(title));
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
        m_settings->setDefaults(m_context.chat.defaultSettings());
        m_settings->setSettings(m_context.chat.conversation().settings());
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

void ChatPanel::offerUndo(const QString& text) {
    m_notice->show(
        text, tr("Undo"), [this] { undoDelete(); }, kUndoSeconds);
}

void ChatPanel::notify(const QString& text) {
    m_notice->show(text);
}

} // namespace bathy::panels
