// The chat: conversations at the left, the transcript, what goes on, and where one writes. UI thread.
#pragma once

#include "app/models/checkpoint_texts.h"
#include "app/models/conversation.h"
#include "app/panels/chat/row_painter.h"

#include <QWidget>

class QLabel;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace bathy::models {
class ChatPresenter;
class ConversationListModel;
class ModelPresenter;
} // namespace bathy::models

namespace bathy::panels {

class ActivityLine;
class Composer;
class ConversationSidebar;
class EmptyPage;
class NoticeBar;
class SettingsPopover;
class TranscriptView;

struct ChatPanelContext { // all outlive the panel
    models::ChatPresenter& chat;
    models::ConversationListModel& conversations;
    models::ModelPresenter& model;
};

class ChatPanel : public QWidget {
    Q_OBJECT
public:
    explicit ChatPanel(const ChatPanelContext& context, QWidget* parent = nullptr);

    // What menus and shortcuts run. Those that do not apply just now do nothing.
    void newConversation();
    void send();
    void stop();
    void regenerate(); // the last answer
    void replay();     // the current answer, else the last
    void editLast();   // the last question
    void copyLastAnswer();
    void deleteLast();
    void olderVersion(); // of the current message, else of the last answer
    void newerVersion();
    void undoDelete(); // of a message or a conversation, whichever came last
    void attachFiles();
    void openSample(); // attaches the sample document and writes a question that it answers
    void exportMarkdown();
    void exportJson();
    void openSettings();
    void toggleSidebar();
    void focusSearch();
    void focusComposer();
    void jumpToLatest();
    void offerLink(const QString& target);
    // Something that the whole program has to say: shown over the conversation.
    void notify(const QString& text);

    TranscriptView& transcript() const { return *m_transcript; }
    Composer& composer() const { return *m_composer; }
    NoticeBar& notice() const { return *m_notice; }

Q_SIGNALS:
    void inspectAsked(quint64 generation); // a GenerationId: show this answer in the inspection panels
    void openModelAsked();
    void replayShown(); // the inspection panels have a replay to show

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* buildHeader();
    QWidget* buildFooter();
    void connectPresenter();
    void connectList();
    void showConversation();
    void showPage();
    void showTitle();
    void updateReadiness();
    void showModelState();
    void ask(const models::SuggestedPrompt& prompt);
    void run(RowAction action, models::MessageId message);
    void beginEdit(models::MessageId message);
    void leaveEdit();
    void showReplayOutcome(qint64 expected, qint64 same, bool stopped);
    void offerUndo(const QString& text);
    models::MessageId lastOf(models::Role role) const;
    models::MessageId versionTarget() const;
    void saveAs(const QString& filter, const QString& suffix, const QByteArray& content);

    ChatPanelContext m_context;
    QSplitter* m_splitter;
    ConversationSidebar* m_sidebar;
    QLabel* m_title = nullptr;
    QStackedWidget* m_pages;
    EmptyPage* m_empty;
    TranscriptView* m_transcript;
    NoticeBar* m_notice;
    ActivityLine* m_activity;
    Composer* m_composer;
    QToolButton* m_settingsButton = nullptr;
    SettingsPopover* m_settings;
    models::MessageId m_editing{};
    enum class Undo { None, Message, Conversation } m_undo = Undo::None;
};

} // namespace bathy::panels
