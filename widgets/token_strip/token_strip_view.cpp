#include "widgets/token_strip/token_strip_view.h"

#include "widgets/common/view_colours.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace bathy::widgets {
namespace {

constexpr double kBoxPad = 4;  // left and right of a token's text
constexpr double kMarkPad = 9; // of a pill's

double padOf(const TokenGlyph& glyph) {
    return glyph.isMark ? kMarkPad : kBoxPad;
}

TokenStripStyle styleFor(const QFont& font) {
    TokenStripStyle style;
    style.lineHeight = QFontMetricsF(font).height() + 4;
    return style;
}

} // namespace

TokenStripView::TokenStripView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Tokens"));
    viewport()->setCursor(Qt::ArrowCursor);
}

QSize TokenStripView::minimumSizeHint() const {
    const auto style = styleFor(font());
    return {120, static_cast<int>(2 * (style.lineHeight + style.lineGap) + 2 * style.margin)};
}

void TokenStripView::measureGlyphs() {
    const QFontMetricsF metrics(font());
    const auto& glyphs = *m_data->glyphs;
    m_glyphWidths.resize(std::min(m_glyphWidths.size(), glyphs.size()));
    for (auto i = m_glyphWidths.size(); i < glyphs.size(); ++i)
        m_glyphWidths.push_back(static_cast<float>(metrics.horizontalAdvance(glyphs[i].text) + 2 * padOf(glyphs[i])));
}

void TokenStripView::setData(std::shared_ptr<const TokenStripData> shown) {
    if (shown->glyphs != m_data->glyphs)
        m_glyphWidths.clear();
    m_data = std::move(shown);
    measureGlyphs();
    relayout();
}

void TokenStripView::relayout() {
    auto* bar = verticalScrollBar();
    const bool wasAtEnd = bar->value() >= bar->maximum();
    m_layout = layoutTokenStrip(*m_data, m_glyphWidths, viewport()->width(), styleFor(font()));
    bar->setPageStep(viewport()->height());
    bar->setSingleStep(static_cast<int>(m_layout.style.lineHeight));
    bar->setRange(0, std::max(0, static_cast<int>(std::ceil(m_layout.height)) - viewport()->height()));
    if (wasAtEnd && m_selectedEnd <= m_selectedBegin)
        bar->setValue(bar->maximum());
    viewport()->update();
    Q_EMIT scrolled();
}

void TokenStripView::scrollContentsBy(int, int) {
    viewport()->update();
    Q_EMIT scrolled();
}

void TokenStripView::showPosition(std::int64_t position) {
    if (const int index = m_data->indexOf(position); index >= 0)
        verticalScrollBar()->setValue(static_cast<int>(m_layout.rectOf(index).center().y()) -
                                      viewport()->height() / 3); // with what follows
}

std::pair<std::int64_t, std::int64_t> TokenStripView::visiblePositions() const {
    const int top = verticalScrollBar()->value();
    const auto [first, last] = m_layout.itemsBetween(top, top + viewport()->height());
    if (first >= last)
        return {0, 0};
    return {m_data->items[static_cast<std::size_t>(first)].position,
            m_data->items[static_cast<std::size_t>(last) - 1].position + 1};
}

void TokenStripView::setScale(const ColourScale& scale) {
    m_scale = scale;
    viewport()->update();
}

void TokenStripView::setSelected(std::int64_t begin, std::int64_t end) {
    if (begin == m_selectedBegin && end == m_selectedEnd)
        return;
    const bool beginMoved = begin != m_selectedBegin;
    m_selectedBegin = begin;
    m_selectedEnd = end;
    if (end > begin) {
        const int index = m_data->indexOf(beginMoved ? begin : end - 1);
        if (index >= 0)
            showItem(index);
        if (m_describe)
            setAccessibleDescription(m_describe(begin));
    }
    viewport()->update();
}

void TokenStripView::showItem(int index) {
    const auto rect = m_layout.rectOf(index);
    auto* bar = verticalScrollBar();
    if (rect.top() < bar->value())
        bar->setValue(static_cast<int>(rect.top() - m_layout.style.margin));
    else if (rect.bottom() > bar->value() + viewport()->height())
        bar->setValue(static_cast<int>(std::ceil(rect.bottom() + m_layout.style.margin)) - viewport()->height());
}

void TokenStripView::paintItems(QPainter& painter, const TokenStripLayout& layout, int first, int last) const {
    const auto colours = ViewColours::from(palette());
    const auto& ramp = ColourRamp::sequential(colours.dark);
    const QFontMetricsF metrics(font());
    for (int i = first; i < last; ++i) {
        const auto& item = m_data->items[static_cast<std::size_t>(i)];
        const auto rect = layout.rectOf(i);
        const bool tinted = !std::isnan(item.value);
        const double share = m_scale.share(item.value);
        const auto& glyph = (*m_data->glyphs)[static_cast<std::size_t>(item.glyph)];
        const auto fill = tinted ? QColor::fromRgb(ramp.at(share)) : mixed(colours.base, colours.line, 0.35);
        if (glyph.isMark) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(QPen(mixed(colours.base, colours.text, 0.4), 1));
            painter.setBrush(fill);
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), rect.height() / 2, rect.height() / 2);
            painter.setRenderHint(QPainter::Antialiasing, false);
        } else {
            painter.fillRect(rect, fill);
        }
        painter.setPen(tinted ? ramp.inkAt(share) : glyph.isMark ? colours.muted : colours.text);
        const auto& text = glyph.text;
        const bool fits = m_glyphWidths[static_cast<std::size_t>(item.glyph)] <= rect.width() + 0.5;
        const double pad = padOf(glyph);
        painter.drawText(rect.adjusted(pad, 0, -pad, 0),
                         static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine),
                         fits ? text : metrics.elidedText(text, Qt::ElideRight, rect.width() - 2 * pad));
    }
}

void TokenStripView::paintTo(QPainter& painter, QSize size) const {
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    painter.setFont(font());
    const auto layout = layoutTokenStrip(*m_data, m_glyphWidths, size.width(), styleFor(font()));
    const auto [first, last] = layout.itemsBetween(0, size.height());
    paintItems(painter, layout, first, last);
}

void TokenStripView::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), palette().color(QPalette::Base));
    const int scrolled = verticalScrollBar()->value();
    painter.translate(0, -scrolled);
    const auto [first, last] =
        m_layout.itemsBetween(scrolled + event->rect().top(), scrolled + event->rect().bottom() + 1);
    paintItems(painter, m_layout, first, last);
    const auto colours = ViewColours::from(palette());
    for (auto position = m_selectedBegin; position < m_selectedEnd; ++position) {
        const int index = m_data->indexOf(position);
        if (index < first)
            continue;
        if (index >= last)
            break;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colours.base, 1));
        painter.drawRect(m_layout.rectOf(index).adjusted(0.5, 0.5, -0.5, -0.5));
        painter.setPen(QPen(colours.text, 2)); // the accent would drown among the tints
        painter.drawRect(m_layout.rectOf(index).adjusted(-0.5, -0.5, 0.5, 0.5));
    }
}

void TokenStripView::resizeEvent(QResizeEvent*) {
    relayout();
}

void TokenStripView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange) {
        m_glyphWidths.clear();
        measureGlyphs();
        relayout();
    }
    QAbstractScrollArea::changeEvent(event);
}

QPointF TokenStripView::inContent(QPointF viewportPoint) const {
    return viewportPoint + QPointF(0, verticalScrollBar()->value());
}

bool TokenStripView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_describe) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int item = m_layout.itemAt(inContent(help->pos()));
        if (item >= 0)
            QToolTip::showText(help->globalPos(), m_describe(m_data->items[static_cast<std::size_t>(item)].position),
                               this);
        else
            QToolTip::hideText();
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TokenStripView::mousePressEvent(QMouseEvent* event) {
    const int item = m_layout.itemAt(inContent(event->position()));
    if (item < 0 || event->button() != Qt::LeftButton)
        return;
    const auto position = m_data->items[static_cast<std::size_t>(item)].position;
    if (event->modifiers() & Qt::ShiftModifier)
        Q_EMIT rangeExtended(position);
    else
        Q_EMIT tokenChosen(position);
}

void TokenStripView::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton))
        return;
    const int item = m_layout.nearestItem(inContent(event->position()));
    if (item >= 0)
        Q_EMIT rangeExtended(m_data->items[static_cast<std::size_t>(item)].position);
}

void TokenStripView::keyPressEvent(QKeyEvent* event) {
    if (m_data->items.empty() || (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier))) {
        QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    const auto first = m_data->items.front().position;
    const auto last = m_data->items.back().position;
    const bool none = m_selectedEnd <= m_selectedBegin;
    const auto at = none ? last : std::clamp(m_selectedEnd - 1, first, last);
    const auto go = [&](std::int64_t position) {
        const auto to = std::clamp(position, first, last);
        if (event->modifiers() & Qt::ShiftModifier)
            Q_EMIT rangeExtended(to);
        else
            Q_EMIT tokenChosen(to);
    };
    // Up and down: the token above or below on the screen.
    const auto vertical = [&](int lines) {
        const auto rect = m_layout.rectOf(m_data->indexOf(at));
        const double step = (m_layout.style.lineHeight + m_layout.style.lineGap) * lines;
        go(m_data->items[static_cast<std::size_t>(m_layout.nearestItem(rect.center() + QPointF(0, step)))].position);
    };
    switch (event->key()) {
    case Qt::Key_Left:
        return go(at - (none ? 0 : 1));
    case Qt::Key_Right:
        return go(at + 1);
    case Qt::Key_Up:
        return vertical(-1);
    case Qt::Key_Down:
        return vertical(+1);
    case Qt::Key_Home:
        return go(first);
    case Qt::Key_End:
        return go(last);
    case Qt::Key_Escape:
        Q_EMIT cleared();
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

} // namespace bathy::widgets
