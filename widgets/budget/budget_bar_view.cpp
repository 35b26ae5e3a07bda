#include "widgets/budget/budget_bar_view.h"

#include "widgets/common/number_format.h"
#include "widgets/common/view_colours.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace bathy::widgets {
namespace {

constexpr int kBarHeight = 24;
constexpr int kMarkRoom = 4; // above and below the bar, for the marks
constexpr int kLeastWidth = 150;

} // namespace

BudgetBarView::BudgetBarView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

BudgetBarLayout BudgetBarView::layout() const {
    return layoutBudgetBar(m_data, QSizeF(width(), kBarHeight));
}

void BudgetBarView::setData(BudgetBarData shown) {
    m_data = std::move(shown);
    setAccessibleDescription(m_data.spoken);
    update();
}

QSize BudgetBarView::sizeHint() const {
    return {kLeastWidth, kBarHeight + 2 * kMarkRoom};
}

QSize BudgetBarView::minimumSizeHint() const {
    return sizeHint();
}

void BudgetBarView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.translate(0, kMarkRoom);
    const auto colours = ViewColours::from(palette());
    const auto shown = layout();
    painter.fillRect(shown.frame, mixed(colours.base, colours.line, 0.45));
    for (std::size_t i = 0; i < shown.parts.size(); ++i)
        painter.fillRect(shown.parts[i],
                         colours.series[static_cast<std::size_t>(m_data.parts[i].series) % kSeriesColours]);
    if (!shown.kept.isEmpty())
        painter.fillRect(shown.kept, QBrush(colours.muted, Qt::BDiagPattern));
    if (m_data.available > 0) {
        painter.setPen(QPen(colours.text, 2));
        painter.drawLine(QPointF(shown.usableX, -kMarkRoom), QPointF(shown.usableX, kBarHeight + kMarkRoom));
    }
    if (shown.measuredX >= 0) {
        painter.setPen(QPen(colours.accent, 2, Qt::DotLine));
        painter.drawLine(QPointF(shown.measuredX, -kMarkRoom), QPointF(shown.measuredX, kBarHeight + kMarkRoom));
    }
}

bool BudgetBarView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int part = layout().partAt(help->pos() - QPoint(0, kMarkRoom));
    if (part >= 0) {
        const auto& shown = m_data.parts[static_cast<std::size_t>(part)];
        QToolTip::showText(help->globalPos(), shown.name + QStringLiteral(": ") + formatBytes(shown.amount), this);
    }
    return true;
}

} // namespace bathy::widgets
