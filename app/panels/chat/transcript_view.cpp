#include "app/panels/chat/transcript_view.h"

#include "app/panels/chat/transcript_accessible.h"

#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTimerEvent>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace bathy::panels {
namespace {

constexpr int kMargin = 24;
constexpr int kEndSlack = 2;    // this near to the end counts as the end, in pixels
constexpr int kKeepScreens = 1; // laid out rows are kept this far above and below
constexpr int kBottomSpace = 16;

bool hasText(const TranscriptItem& item) {
    return item.kind == ItemKind::Block || item.kind == ItemKind::Reasoning;
}

} // namespace

TranscriptView::TranscriptView(QWidget* parent) : QAbstractScrollArea(parent), m_pill(new QToolButton(this)) {
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Conversation"));
    viewport()->setMouseTracking(true);
    viewport()->setBackgroundRole(QPalette::Base);
    viewport()->setAutoFillBackground(true);
    viewport()->setCursor(Qt::IBeamCursor);
    m_pill->setText(tr("↓ Jump to latest"));
    m_pill->setAccessibleName(tr("Jump to latest"));
    m_pill->hide();
    connect(m_pill, &QToolButton::clicked, this, &TranscriptView::jumpToEnd);
    installTranscriptAccessibility();
    restyle();
}

TranscriptView::~TranscriptView() = default;

void TranscriptView::setConversation(const models::Conversation& conversation) {
    m_conversation = &conversation;
    m_dirty.clear();
    m_selectFrom.reset();
    m_selectTo.reset();
    m_current = {};
    m_followEnd = true;
    m_document.rebuild(conversation);
    rowsChanged(0);
    layOutVisible();
}

void TranscriptView::pathChanged() {
    m_dirty.clear();
    m_selectFrom.reset();
    m_selectTo.reset();
    m_document.rebuild(conversation());
    rowsChanged(0);
    layOutVisible();
}

void TranscriptView::messageAdded(MessageId message) {
    rowsChanged(m_document.append(conversation(), message));
    m_followEnd = true; // the reader has just sent something
    layOutVisible();
}

void TranscriptView::messageGrew(MessageId message) {
    m_dirty.insert(message);
    schedule();
}

void TranscriptView::setBusy(bool busy) {
    m_busy = busy;
    viewport()->update();
}

void TranscriptView::schedule() {
    if (!m_syncTimer.isActive())
        m_syncTimer.start(0, this);
}

void TranscriptView::synchronise() {
    m_syncTimer.stop();
    if (m_conversation == nullptr)
        return;
    const auto held = anchor();
    for (const auto message : std::exchange(m_dirty, {}))
        rowsChanged(m_document.update(conversation(), message));
    if (!m_followEnd)
        restore(held);
    layOutVisible();
}

void TranscriptView::rowsChanged(int firstRow) {
    const auto count = static_cast<int>(m_document.items().size());
    m_layouts.removeIf([firstRow](const auto& entry) { return entry.key() >= firstRow; });
    m_heights.resize(count);
    m_known.resize(static_cast<std::size_t>(count));
    for (int row = firstRow; row < count; ++row) {
        const auto& item = m_document.items().at(row);
        m_known[static_cast<std::size_t>(row)] = !hasText(item);
        m_heights.set(row, hasText(item) ? estimate(row) : RowPainter::height(item, *m_style));
    }
}

double TranscriptView::estimate(int row) const {
    return std::ceil(
        widgets::BlockLayout::estimateHeight(m_document.items().at(row).block, *m_style, rowBox(row).width()));
}

void TranscriptView::restyle() {
    m_style = std::make_unique<widgets::RichStyle>(font(), palette());
    m_layouts.clear();
    const auto held = anchor();
    rowsChanged(0);
    restore(held);
    verticalScrollBar()->setSingleStep(static_cast<int>(m_style->lineHeight * 1.5));
    layOutVisible();
}

void TranscriptView::ensureLaidOut(int row) {
    const auto& item = m_document.items().at(row);
    if (!hasText(item) || m_layouts.contains(row))
        return;
    auto layout = std::make_shared<widgets::BlockLayout>(item.block, *m_style, rowBox(row).width());
    m_heights.set(row, std::ceil(layout->height()));
    m_known[static_cast<std::size_t>(row)] = true;
    m_layouts.insert(row, std::move(layout));
}

// Lays rows out from the anchor on until the viewport is full. Rows above it may turn out taller or shorter than
// guessed; what the reader looks at stays where it is.
void TranscriptView::layOutVisible() {
    if (m_heights.count() == 0) {
        updateScrollBar();
        viewport()->update();
        return;
    }
    const int high = viewport()->height();
    if (m_followEnd) {
        double below = kBottomSpace;
        int row = m_heights.count();
        while (row > 0 && below < high) {
            ensureLaidOut(--row);
            below += m_heights.height(row);
        }
    } else {
        const auto held = anchor();
        double bottom = -held.above;
        for (int row = held.row; row < m_heights.count() && bottom < high; ++row) {
            ensureLaidOut(row);
            bottom += m_heights.height(row);
        }
        restore(held);
    }
    updateScrollBar();
    const double top = verticalScrollBar()->value();
    forgetHidden(m_heights.rowAt(top - kKeepScreens * high), m_heights.rowAt(top + (1 + kKeepScreens) * high));
    placePill();
    viewport()->update();
}

void TranscriptView::forgetHidden(int firstRow, int lastRow) {
    m_layouts.removeIf([=](const auto& entry) { return entry.key() < firstRow || entry.key() > lastRow; });
}

void TranscriptView::updateScrollBar() {
    m_adjusting = true;
    auto* bar = verticalScrollBar();
    const int total = static_cast<int>(std::ceil(m_heights.total())) + kBottomSpace;
    bar->setRange(0, std::max(0, total - viewport()->height()));
    bar->setPageStep(viewport()->height());
    if (m_followEnd)
        bar->setValue(bar->maximum());
    m_adjusting = false;
}

TranscriptView::Anchor TranscriptView::anchor() const {
    const double value = verticalScrollBar()->value();
    const int row = m_heights.rowAt(value);
    return row < 0 ? Anchor{} : Anchor{row, value - m_heights.top(row)};
}

void TranscriptView::restore(const Anchor& anchor) {
    if (anchor.row >= m_heights.count())
        return;
    m_adjusting = true;
    auto* bar = verticalScrollBar();
    const int total = static_cast<int>(std::ceil(m_heights.total())) + kBottomSpace;
    bar->setRange(0, std::max(0, total - viewport()->height()));
    bar->setValue(static_cast<int>(std::lround(m_heights.top(anchor.row) + anchor.above)));
    m_adjusting = false;
}

void TranscriptView::scrollContentsBy(int, int) {
    if (m_adjusting)
        return;
    m_followEnd = verticalScrollBar()->value() >= verticalScrollBar()->maximum() - kEndSlack;
    layOutVisible();
    updateHover(viewport()->mapFromGlobal(QCursor::pos()));
}

void TranscriptView::jumpToEnd() {
    m_followEnd = true;
    layOutVisible();
}

void TranscriptView::scrollToMessage(MessageId message) {
    const int row = m_document.firstRowOf(message);
    if (row < 0)
        return;
    m_followEnd = false;
    restore({row, 0});
    layOutVisible();
}

QVector<MessageId> TranscriptView::messages() const {
    return m_conversation != nullptr ? m_conversation->path() : QVector<MessageId>();
}

const models::Message* TranscriptView::message(MessageId id) const {
    return m_conversation != nullptr ? m_conversation->find(id) : nullptr;
}

QRect TranscriptView::messageRect(MessageId id) const {
    const int first = m_document.firstRowOf(id);
    if (first < 0)
        return {};
    int last = first;
    while (last + 1 < m_document.items().size() && m_document.items().at(last + 1).message == id)
        ++last;
    const auto box = rowBox(first).united(rowBox(last)).toAlignedRect();
    return box.translated(viewport()->mapToGlobal(QPoint()));
}

void TranscriptView::placePill() {
    m_pill->setVisible(!m_followEnd && verticalScrollBar()->maximum() > 0);
    m_pill->adjustSize();
    m_pill->move((viewport()->width() - m_pill->width()) / 2, height() - m_pill->height() - 12);
}

QRectF TranscriptView::rowBox(int row) const {
    const double available = std::max(80, viewport()->width() - 2 * kMargin);
    const double wide = m_style->columnWidth(available);
    const double left = kMargin + (available - wide) / 2;
    const bool inside = row < m_document.items().size() && m_document.items().at(row).kind == ItemKind::Reasoning;
    const double indent = inside ? m_style->unit * 2 : 0;
    const double top = row < m_heights.count() ? m_heights.top(row) - verticalScrollBar()->value() : 0;
    return {left + indent, top, wide - indent, row < m_heights.count() ? m_heights.height(row) : 0};
}

void TranscriptView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    const auto& items = m_document.items();
    int row = m_heights.rowAt(verticalScrollBar()->value() + event->rect().top());
    for (; row >= 0 && row < items.size(); ++row) {
        const auto box = rowBox(row);
        if (box.top() > event->rect().bottom())
            break;
        const auto& item = items.at(row);
        const bool hovered = m_hover && m_hover->row == row;
        if (hasText(item)) {
            ensureLaidOut(row);
            if (item.kind == ItemKind::Reasoning)
                painter.fillRect(QRectF(box.left() - m_style->unit * 2, box.top(), 2, box.height()), m_style->border);
            m_layouts.value(row)->draw(painter, box.topLeft(), *m_style, selectionIn(row),
                                       hovered && m_hover->action == RowAction::CopyCode);
        } else {
            const bool shown = item.message == m_hoverMessage || item.message == m_current;
            m_painter.paint(painter, item, *m_style, box, m_painter.buttons(item, *m_style, box.width(), m_busy, shown),
                            hovered ? std::optional(m_hover->action) : std::nullopt);
            if (item.kind == ItemKind::Head && item.message == m_current && hasFocus())
                painter.fillRect(QRectF(box.left() - m_style->unit * 1.5, box.top() + m_style->unit * 2, 3,
                                        box.height() - m_style->unit * 2),
                                 m_style->selection);
        }
    }
}

void TranscriptView::resizeEvent(QResizeEvent*) {
    const auto held = anchor();
    rowsChanged(0);
    if (!m_followEnd)
        restore(held);
    layOutVisible();
}

void TranscriptView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange ||
        event->type() == QEvent::StyleChange)
        restyle();
}

void TranscriptView::timerEvent(QTimerEvent* event) {
    if (event->timerId() == m_syncTimer.timerId())
        return synchronise();
    if (event->timerId() != m_dragTimer.timerId())
        return QAbstractScrollArea::timerEvent(event);
    const int beyond = m_dragPoint.y() < 0 ? m_dragPoint.y() : m_dragPoint.y() - viewport()->height();
    verticalScrollBar()->setValue(verticalScrollBar()->value() + beyond / 2);
    if (const auto place = placeAt(m_dragPoint))
        m_selectTo = place;
    viewport()->update();
}

} // namespace bathy::panels
