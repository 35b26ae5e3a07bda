// The conversation on screen: a scrolling view that lays out only the rows one can see. While an answer streams, only
// its last block is laid out again. The view follows the end only when it stands there; otherwise what the reader looks
// at stays where it is. UI thread.
#pragma once

#include "app/panels/chat/row_painter.h"
#include "app/panels/chat/transcript_document.h"
#include "widgets/rich_text/block_layout.h"
#include "widgets/rich_text/height_index.h"

#include <QAbstractScrollArea>
#include <QBasicTimer>
#include <QHash>

#include <memory>
#include <optional>

class QToolButton;

namespace bathy::panels {

class TranscriptView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TranscriptView(QWidget* parent = nullptr);
    ~TranscriptView() override;

    void setConversation(const models::Conversation& conversation); // lives until the next call
    void messageAdded(MessageId message);
    void messageGrew(MessageId message); // cheap; the work is done once before the next frame
    void messageChanged(MessageId message) { messageGrew(message); }
    void pathChanged();
    void setBusy(bool busy); // an answer runs: what changes messages is not offered

    bool isAtEnd() const { return m_followEnd; }
    void jumpToEnd();
    void scrollToMessage(MessageId message);
    MessageId currentMessage() const { return m_current; } // by keyboard or the last click; 0: none
    QVector<MessageId> messages() const;                   // shown, first to last
    const models::Message* message(MessageId id) const;    // null: not shown
    QRect messageRect(MessageId id) const;                 // on the screen
    QString selectedText() const;
    void copySelection() const;
    void selectAll();
    const TranscriptDocument& document() const { return m_document; }
    // What was pending is brought up to date now; for tests and pictures.
    void synchronise();
    int laidOutRows() const { return static_cast<int>(m_layouts.size()); }

Q_SIGNALS:
    void actionAsked(bathy::panels::RowAction action, bathy::storage::MessageId message);
    void linkClicked(const QString& target);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    bool viewportEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Place { // in the text
        int row = 0;
        int offset = 0;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    struct Anchor { // the row at the top of the viewport and how much of it is above
        int row = 0;
        double above = 0;
    };

    const models::Conversation& conversation() const { return *m_conversation; }
    void rowsChanged(int firstRow);
    void restyle();
    void schedule();
    void layOutVisible();
    void ensureLaidOut(int row);
    double estimate(int row) const;
    void forgetHidden(int firstRow, int lastRow);
    void updateScrollBar();
    Anchor anchor() const;
    void restore(const Anchor& anchor);
    void placePill();

    QRectF rowBox(int row) const; // in the viewport
    QPointF blockOrigin(int row) const;
    std::optional<Place> placeAt(QPoint point) const;
    std::optional<RowHit> hitAt(QPoint point) const;
    void selectWord(const Place& place);
    void setCurrent(MessageId message);
    void moveCurrent(int step);
    void run(RowAction action, MessageId message);
    void copyCode(int row) const;
    bool click(QPoint point);
    void updateHover(QPoint point);
    widgets::TextRange selectionIn(int row) const;

    const models::Conversation* m_conversation = nullptr;
    TranscriptDocument m_document;
    std::unique_ptr<widgets::RichStyle> m_style;
    RowPainter m_painter;
    widgets::HeightIndex m_heights;
    std::vector<bool> m_known; // the height of the row is exact
    QHash<int, std::shared_ptr<widgets::BlockLayout>> m_layouts;
    QSet<MessageId> m_dirty;
    QBasicTimer m_syncTimer;
    QBasicTimer m_dragTimer; // scrolls while a selection is dragged beyond the edge
    QPoint m_dragPoint;
    bool m_followEnd = true;
    bool m_busy = false;
    bool m_adjusting = false; // the scroll bar moves because rows did, not because the reader wants to
    std::optional<Place> m_selectFrom;
    std::optional<Place> m_selectTo;
    bool m_dragging = false;
    std::optional<RowHit> m_hover;
    MessageId m_hoverMessage{};
    MessageId m_current{};
    QToolButton* m_pill;
};

} // namespace bathy::panels
