#include "app/panels/models/share_bar.h"

#include "app/panels/models/category_colours.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace bathy::panels {
namespace {

constexpr int kBarHeight = 16;
constexpr int kGap = 8;
constexpr int kSwatch = 10;

} // namespace

ShareBar::ShareBar(QWidget* parent) : QWidget(parent) {
    auto policy = QSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ShareBar::setShares(QVector<models::Share> shares) {
    m_shares = std::move(shares);
    QStringList words;
    for (const auto& share : m_shares)
        words << tr("%1 %2 percent").arg(share.name).arg(qRound(share.fraction * 100));
    setAccessibleName(tr("Number formats of the weights: %1").arg(words.join(QStringLiteral(", "))));
    updateGeometry();
    update();
}

QSize ShareBar::sizeHint() const {
    return {240, heightForWidth(240)};
}

int ShareBar::heightForWidth(int width) const {
    const auto entries = legend(width);
    return entries.isEmpty() ? kBarHeight : entries.last().box.bottom() + 1;
}

QVector<ShareBar::Entry> ShareBar::legend(int width) const {
    QVector<Entry> entries;
    const auto metrics = fontMetrics();
    int x = 0, y = kBarHeight + kGap;
    for (const auto& share : m_shares) {
        const auto text = tr("%1 · %2 %")
                              .arg(share.name, share.fraction < 0.01 ? QStringLiteral("<1")
                                                                     : QString::number(qRound(share.fraction * 100)));
        const int wide = kSwatch + kGap / 2 + metrics.horizontalAdvance(text);
        if (x > 0 && x + wide > width) {
            x = 0;
            y += metrics.height() + kGap / 2;
        }
        entries.append({{x, y, wide, metrics.height()}, text});
        x += wide + 2 * kGap;
    }
    return entries;
}

void ShareBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    double left = 0;
    painter.setPen(Qt::NoPen);
    for (int i = 0; i < m_shares.size(); ++i) {
        const double wide = m_shares.at(i).fraction * width();
        painter.setBrush(categoryColour(palette(), i));
        painter.drawRect(QRectF(left, 0, std::max(1.0, wide - 1), kBarHeight)); // the smallest share stays visible
        left += wide;
    }
    const auto entries = legend(width());
    for (int i = 0; i < entries.size(); ++i) {
        const auto& box = entries.at(i).box;
        painter.setPen(Qt::NoPen);
        painter.setBrush(categoryColour(palette(), i));
        painter.drawRoundedRect(QRectF(box.left(), box.center().y() - kSwatch / 2.0 + 0.5, kSwatch, kSwatch), 2, 2);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(box.adjusted(kSwatch + kGap / 2, 0, 2, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         entries.at(i).text);
    }
}

bool ShareBar::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    double left = 0;
    for (const auto& share : m_shares) {
        left += share.fraction * width();
        if (help->pos().x() < left || &share == &m_shares.last()) {
            QToolTip::showText(
                help->globalPos(),
                tr("%1: %2, %3 % of the weights").arg(share.name, share.amount).arg(share.fraction * 100, 0, 'f', 1),
                this);
            break;
        }
    }
    return true;
}

} // namespace bathy::panels
