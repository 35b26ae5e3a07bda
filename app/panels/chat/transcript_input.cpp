// Mouse, keyboard and selection of the transcript view.
#include "app/panels/chat/transcript_view.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr int kDragScrollMs = 30;

bool hasText(const TranscriptItem& item) {
    return item.kind == ItemKind::Block || item.kind == ItemKind::Reasoning;
}

} // namespace

std::optional<TranscriptView::Place> TranscriptView::placeAt(QPoint point) const {
    int row = m_heights.rowAt(verticalScrollBar()->value() + point.y());
    if (row < 0)
        return std::nullopt;
    if (!hasText(m_document.items().at(row))) { // the end of the text above
        while (row > 0 && !hasText(m_document.items().at(row)))
            --row;
        return Place{row, static_cast<int>(widgets::plainText(m_document.items().at(row).block).size())};
    }
    const auto layout = m_layouts.value(row);
    return Place{row, layout ? layout->offsetAt(point - rowBox(row).topLeft()) : 0};
}

std::optional<RowHit> TranscriptView::hitAt(QPoint point) const {
    const int row = m_heights.rowAt(verticalScrollBar()->value() + point.y());
    if (row < 0)
        return std::nullopt;
    const auto& item = m_document.items().at(row);
    const auto box = rowBox(row);
    const auto inside = point - box.topLeft();
    if (hasText(item)) {
        const auto layout = m_layouts.value(row);
        return layout && layout->copyButton().contains(inside) ? std::optional(RowHit{row, RowAction::CopyCode})
                                                               : std::nullopt;
    }
    for (const auto& button : m_painter.buttons(item, *m_style, box.width(), m_busy, true))
        if (button.enabled && button.box.contains(inside))
            return RowHit{row, button.action};
    return std::nullopt;
}

void TranscriptView::updateHover(QPoint point) {
    const auto hit = viewport()->rect().contains(point) ? hitAt(point) : std::nullopt;
    const int row = viewport()->rect().contains(point) ? m_heights.rowAt(verticalScrollBar()->value() + point.y()) : -1;
    const auto message = row >= 0 ? m_document.items().at(row).message : MessageId{};
    if (hit != m_hover || message != m_hoverMessage) {
        m_hover = hit;
        m_hoverMessage = message;
        viewport()->update();
    }
    QString link;
    if (const auto layout = m_layouts.value(row))
        link = layout->linkAt(point - rowBox(row).topLeft());
    viewport()->setCursor(hit || !link.isEmpty() ? Qt::PointingHandCursor : Qt::IBeamCursor);
}

// Keys that mean something here are not taken away by shortcuts of the window while the transcript has the focus.
bool TranscriptView::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool step =
            key->modifiers() == Qt::ControlModifier && (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down);
        if (step || key->matches(QKeySequence::Copy) || key->matches(QKeySequence::SelectAll)) {
            event->accept();
            return true;
        }
    }
    return QAbstractScrollArea::event(event);
}

bool TranscriptView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave)
        updateHover({-1, -1});
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QString tip;
    if (const auto hit = hitAt(help->pos())) {
        for (const auto& button :
             m_painter.buttons(m_document.items().at(hit->row), *m_style, rowBox(hit->row).width(), m_busy, true))
            if (button.action == hit->action)
                tip = button.tip;
    } else if (const int row = m_heights.rowAt(verticalScrollBar()->value() + help->pos().y());
               m_layouts.contains(row)) {
        tip = m_layouts.value(row)->linkAt(help->pos() - rowBox(row).topLeft());
    }
    QToolTip::showText(help->globalPos(), tip, viewport());
    return true;
}

void TranscriptView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const int row = m_heights.rowAt(verticalScrollBar()->value() + event->pos().y());
    setCurrent(row >= 0 ? m_document.items().at(row).message : MessageId{});
    if (hitAt(event->pos()))
        return;
    const auto place = placeAt(event->pos());
    if (!(event->modifiers() & Qt::ShiftModifier) || !m_selectFrom)
        m_selectFrom = place;
    m_selectTo = place;
    m_dragging = true;
    viewport()->update();
}

void TranscriptView::mouseMoveEvent(QMouseEvent* event) {
    if (!m_dragging)
        return updateHover(event->pos());
    m_dragPoint = event->pos();
    if (viewport()->rect().contains(event->pos()))
        m_dragTimer.stop();
    else if (!m_dragTimer.isActive())
        m_dragTimer.start(kDragScrollMs, this);
    if (const auto place = placeAt(event->pos()))
        m_selectTo = place;
    viewport()->update();
}

void TranscriptView::mouseReleaseEvent(QMouseEvent* event) {
    m_dragTimer.stop();
    const bool selected = std::exchange(m_dragging, false) && m_selectFrom != m_selectTo;
    if (event->button() == Qt::LeftButton && !selected)
        click(event->pos());
}

bool TranscriptView::click(QPoint point) {
    if (const auto hit = hitAt(point)) {
        const auto message = m_document.items().at(hit->row).message;
        if (hit->action == RowAction::CopyCode)
            copyCode(hit->row);
        else
            run(hit->action, message);
        return true;
    }
    const int row = m_heights.rowAt(verticalScrollBar()->value() + point.y());
    if (const auto layout = m_layouts.value(row)) {
        if (const auto link = layout->linkAt(point - rowBox(row).topLeft()); !link.isEmpty()) {
            Q_EMIT linkClicked(link);
            return true;
        }
    }
    return false;
}

void TranscriptView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const auto place = placeAt(event->pos()); place && !hitAt(event->pos()))
        selectWord(*place);
}

void TranscriptView::selectWord(const Place& place) {
    if (const auto layout = m_layouts.value(place.row)) {
        const auto word = layout->wordAt(place.offset);
        m_selectFrom = Place{place.row, word.begin};
        m_selectTo = Place{place.row, word.end};
        viewport()->update();
    }
}

void TranscriptView::run(RowAction action, MessageId message) {
    if (action == RowAction::ToggleReasoning) {
        m_followEnd = false; // the fold stays under the mouse
        const auto held = anchor();
        rowsChanged(m_document.toggleFold(message));
        restore(held);
        layOutVisible();
        return;
    }
    Q_EMIT actionAsked(action, message);
}

void TranscriptView::copyCode(int row) const {
    QApplication::clipboard()->setText(m_document.codeAt(row));
    QToolTip::showText(QCursor::pos(), tr("Copied"), viewport());
}

widgets::TextRange TranscriptView::selectionIn(int row) const {
    if (!m_selectFrom || !m_selectTo || m_selectFrom == m_selectTo)
        return {};
    const auto& [first, last] = std::minmax(*m_selectFrom, *m_selectTo);
    if (row < first.row || row > last.row)
        return {};
    constexpr int kToTheEnd = 1 << 30;
    return {row == first.row ? first.offset : 0, row == last.row ? last.offset : kToTheEnd};
}

QString TranscriptView::selectedText() const {
    if (!m_selectFrom || !m_selectTo)
        return {};
    const auto first = std::min(*m_selectFrom, *m_selectTo), last = std::max(*m_selectFrom, *m_selectTo);
    return m_document.textBetween(first.row, first.offset, last.row, last.offset);
}

void TranscriptView::copySelection() const {
    if (const auto text = selectedText(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void TranscriptView::selectAll() {
    const auto& items = m_document.items();
    int last = static_cast<int>(items.size()) - 1;
    while (last > 0 && !hasText(items.at(last)))
        --last;
    if (last < 0)
        return;
    m_selectFrom = Place{0, 0};
    m_selectTo = Place{last, static_cast<int>(widgets::plainText(items.at(last).block).size())};
    viewport()->update();
}

void TranscriptView::setCurrent(MessageId message) {
    if (m_current == message)
        return;
    m_current = message;
    viewport()->update();
    if (const auto at = messages().indexOf(message); at >= 0 && QAccessible::isActive()) {
        QAccessibleEvent focus(this, QAccessible::Focus);
        focus.setChild(static_cast<int>(at));
        QAccessible::updateAccessibility(&focus);
    }
}

void TranscriptView::moveCurrent(int step) {
    const auto path = conversation().path();
    if (path.isEmpty())
        return;
    const auto at = path.indexOf(m_current);
    const auto next = at < 0 ? path.size() - 1 : std::clamp<qsizetype>(at + step, 0, path.size() - 1);
    setCurrent(path.at(next));
    scrollToMessage(path.at(next));
}

void TranscriptView::keyPressEvent(QKeyEvent* event) {
    auto* bar = verticalScrollBar();
    if (event->matches(QKeySequence::Copy))
        return copySelection();
    if (event->matches(QKeySequence::SelectAll))
        return selectAll();
    const bool control = event->modifiers() & Qt::ControlModifier;
    switch (event->key()) {
    case Qt::Key_Up:
        return control ? moveCurrent(-1) : bar->triggerAction(QScrollBar::SliderSingleStepSub);
    case Qt::Key_Down:
        return control ? moveCurrent(1) : bar->triggerAction(QScrollBar::SliderSingleStepAdd);
    case Qt::Key_PageUp:
        return bar->triggerAction(QScrollBar::SliderPageStepSub);
    case Qt::Key_PageDown:
    case Qt::Key_Space:
        return bar->triggerAction(QScrollBar::SliderPageStepAdd);
    case Qt::Key_Home:
        return bar->setValue(0);
    case Qt::Key_End:
        return jumpToEnd();
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current != MessageId{} && !conversation().find(m_current)->reasoning.isEmpty())
            return run(RowAction::ToggleReasoning, m_current);
        break;
    default:
        break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void TranscriptView::contextMenuEvent(QContextMenuEvent* event) {
    if (event->reason() == QContextMenuEvent::Mouse) {
        const int row =
            m_heights.rowAt(verticalScrollBar()->value() + viewport()->mapFromGlobal(event->globalPos()).y());
        setCurrent(row >= 0 ? m_document.items().at(row).message : MessageId{});
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    auto* copy = menu->addAction(tr("Copy selection"), this, &TranscriptView::copySelection);
    copy->setEnabled(!selectedText().isEmpty());
    menu->addAction(tr("Select all"), this, &TranscriptView::selectAll);
    const int row = m_document.firstRowOf(m_current);
    if (row >= 0) {
        menu->addSeparator();
        const auto message = m_current;
        // The same offers as the buttons under the message, and its versions.
        for (int at = row; at < m_document.items().size() && m_document.items().at(at).message == message; ++at)
            for (const auto& button :
                 m_painter.buttons(m_document.items().at(at), *m_style, rowBox(at).width(), m_busy, true))
                menu->addAction(button.tip, this, [this, action = button.action, message] { run(action, message); })
                    ->setEnabled(button.enabled);
    }
    menu->popup(event->globalPos());
}

} // namespace bathy::panels
