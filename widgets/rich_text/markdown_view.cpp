#include "widgets/rich_text/markdown_view.h"

#include "widgets/rich_text/markdown_stream.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

#include <cmath>

namespace bathy::widgets {
namespace {

constexpr int kUsualWidth = 480;
constexpr int kLeastWidth = 160;

} // namespace

MarkdownView::MarkdownView(QWidget* parent) : QWidget(parent) {
    auto policy = QSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMouseTracking(true);
}

void MarkdownView::setMarkdown(const QString& source) {
    show(MarkdownStream(source).blocks(), source);
}

void MarkdownView::setPlainText(const QString& text) {
    show(plainBlocks(text), text);
}

void MarkdownView::show(QVector<RichBlock> blocks, const QString& source) {
    m_blocks = std::move(blocks);
    m_source = source;
    m_width = -1;
    setAccessibleDescription(source);
    updateGeometry();
    update();
}

void MarkdownView::layOut(int width) const {
    if (width == m_width)
        return;
    m_width = width;
    m_layouts.clear();
    const RichStyle style(font(), palette());
    double height = 0;
    for (const auto& block : m_blocks) {
        m_layouts.push_back(std::make_unique<BlockLayout>(block, style, width));
        height += m_layouts.back()->height();
    }
    m_height = static_cast<int>(std::ceil(height));
}

int MarkdownView::heightForWidth(int width) const {
    layOut(std::max(width, kLeastWidth));
    return m_height;
}

QSize MarkdownView::sizeHint() const {
    const int width = m_width > 0 ? m_width : kUsualWidth;
    return {width, heightForWidth(width)};
}

QSize MarkdownView::minimumSizeHint() const {
    return {kLeastWidth, 0};
}

void MarkdownView::resizeEvent(QResizeEvent*) {
    updateGeometry();
}

void MarkdownView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        m_width = -1;
        updateGeometry();
    }
    QWidget::changeEvent(event);
}

void MarkdownView::paintEvent(QPaintEvent* event) {
    layOut(std::max(width(), kLeastWidth));
    QPainter painter(this);
    const RichStyle style(font(), palette());
    double top = 0;
    for (const auto& layout : m_layouts) {
        if (top + layout->height() >= event->rect().top())
            layout->draw(painter, {0, top}, style, {}, false);
        top += layout->height();
        if (top > event->rect().bottom())
            break;
    }
}

QString MarkdownView::linkAt(QPointF point) const {
    double top = 0;
    for (const auto& layout : m_layouts) {
        if (point.y() < top + layout->height())
            return layout->linkAt(point - QPointF(0, top));
        top += layout->height();
    }
    return {};
}

void MarkdownView::mouseMoveEvent(QMouseEvent* event) {
    setCursor(linkAt(event->position()).isEmpty() ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void MarkdownView::mouseReleaseEvent(QMouseEvent* event) {
    if (const auto link = linkAt(event->position()); event->button() == Qt::LeftButton && !link.isEmpty())
        Q_EMIT linkClicked(link);
}

void MarkdownView::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Copy the text"), this, [this] { QGuiApplication::clipboard()->setText(m_source); });
    menu->popup(event->globalPos());
}

} // namespace bathy::widgets
