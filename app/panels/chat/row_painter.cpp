#include "app/panels/chat/row_painter.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

namespace bathy::panels {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bathy::panels::TranscriptRow)
};

QFont bold(QFont font) {
    font.setBold(true);
    return font;
}

} // namespace

qreal RowPainter::height(const TranscriptItem& item, const widgets::RichStyle& style) {
    const qreal small = QFontMetricsF(style.small).height();
    switch (item.kind) {
    case ItemKind::Head:
        return style.unit * 2 + QFontMetricsF(bold(style.body)).height();
    case ItemKind::Documents:
        return small + style.unit * 2.5;
    case ItemKind::Fold:
        return small + style.unit * 2;
    case ItemKind::Foot:
        return small + style.unit * 2;
    default:
        return 0;
    }
}

QVector<RowButton> RowPainter::buttons(const TranscriptItem& item, const widgets::RichStyle& style, qreal width,
                                       bool busy, bool shown) const {
    QVector<RowButton> buttons;
    const QFontMetricsF metrics(style.small);
    const qreal high = metrics.height() + style.unit * 0.5;
    const qreal rowHeight = height(item, style);
    if (item.kind == ItemKind::Head && item.versions > 1) {
        const auto label = Words::tr("%1/%2").arg(item.version).arg(item.versions);
        const qreal arrow = metrics.horizontalAdvance(QStringLiteral("‹")) + style.unit * 1.5;
        const qreal middle = metrics.horizontalAdvance(label) + style.unit;
        const qreal left = width - middle - 2 * arrow;
        const qreal top = rowHeight - high;
        buttons.append({RowAction::OlderVersion,
                        QStringLiteral("‹"),
                        Words::tr("Older version"),
                        {left, top, arrow, high},
                        !busy && item.version > 1});
        buttons.append({RowAction::NewerVersion,
                        QStringLiteral("›"),
                        Words::tr("Newer version"),
                        {width - arrow, top, arrow, high},
                        !busy && item.version < item.versions});
    }
    if (item.kind == ItemKind::Fold) {
        const auto label = (item.open ? QStringLiteral("▾ ") : QStringLiteral("▸ ")) + item.text;
        buttons.append(
            {RowAction::ToggleReasoning,
             label,
             item.open ? Words::tr("Hide the reasoning") : Words::tr("Show the reasoning"),
             {0, style.unit, metrics.horizontalAdvance(label) + style.unit * 2, metrics.height() + style.unit},
             true});
    }
    if (item.kind == ItemKind::Foot && shown) {
        struct Offer {
            RowAction action;
            QString label;
            QString tip;
            bool whileBusy;
        };
        QVector<Offer> offers{{RowAction::Copy, Words::tr("Copy"), Words::tr("Copy this message as Markdown"), true}};
        if (item.role == models::Role::User)
            offers.append(
                {RowAction::Edit, Words::tr("Edit"), Words::tr("Edit and send again; this version is kept"), false});
        if (item.role == models::Role::Assistant) {
            offers.append({RowAction::Regenerate, Words::tr("Regenerate"),
                           Words::tr("Answer again; this version is kept"), false});
            offers.append({RowAction::Inspect, Words::tr("Inspect"),
                           Words::tr("Show this answer in the inspection panels"), true});
            offers.append({RowAction::Replay, Words::tr("Replay"),
                           Words::tr("Run this answer again, token for token, and inspect it with its whole prompt"),
                           false});
        }
        offers.append(
            {RowAction::Delete, Words::tr("Delete"), Words::tr("Delete this message and what follows it"), false});
        qreal right = width;
        for (auto offer = offers.crbegin(); offer != offers.crend(); ++offer) {
            const qreal wide = metrics.horizontalAdvance(offer->label) + style.unit * 2;
            right -= wide;
            buttons.prepend({offer->action,
                             offer->label,
                             offer->tip,
                             {right, style.unit * 0.5, wide, high},
                             offer->whileBusy || !busy});
        }
    }
    return buttons;
}

void RowPainter::paint(QPainter& painter, const TranscriptItem& item, const widgets::RichStyle& style,
                       const QRectF& box, const QVector<RowButton>& buttons, std::optional<RowAction> hovered) const {
    qreal textRight = box.right();
    for (const auto& button : buttons) {
        const auto place = button.box.translated(box.topLeft());
        if (item.kind == ItemKind::Foot)
            textRight = std::min(textRight, place.left());
        const bool hot = hovered == button.action && button.enabled;
        if (hot) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(style.codeBackground);
            painter.drawRoundedRect(place, 4, 4);
        }
        painter.setFont(style.small);
        painter.setPen(!button.enabled ? style.border : hot ? style.link : style.muted);
        painter.drawText(place, item.kind == ItemKind::Fold ? Qt::AlignVCenter | Qt::AlignLeft : Qt::AlignCenter,
                         button.label);
    }
    switch (item.kind) {
    case ItemKind::Head: {
        painter.setFont(bold(style.body));
        painter.setPen(item.role == models::Role::Assistant ? style.link : style.text);
        painter.drawText(box, Qt::AlignBottom | Qt::AlignLeft, item.text);
        if (buttons.size() == 2) {
            painter.setFont(style.small);
            painter.setPen(style.muted);
            const auto left = buttons.first().box.translated(box.topLeft()),
                       right = buttons.last().box.translated(box.topLeft());
            painter.drawText(QRectF(left.right(), left.top(), right.left() - left.right(), left.height()),
                             Qt::AlignCenter, Words::tr("%1/%2").arg(item.version).arg(item.versions));
        }
        break;
    }
    case ItemKind::Documents: {
        const auto chip = box.adjusted(0, style.unit, 0, -style.unit * 0.5);
        painter.setFont(style.small);
        const qreal wide = QFontMetricsF(style.small).horizontalAdvance(item.text) + style.unit * 4;
        const QRectF frame(chip.left(), chip.top(), std::min(chip.width(), wide), chip.height());
        painter.setPen(style.border);
        painter.setBrush(style.codeBackground);
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        painter.setPen(style.text);
        painter.drawText(
            frame.adjusted(style.unit, 0, -style.unit, 0), Qt::AlignVCenter | Qt::AlignLeft,
            QFontMetricsF(style.small).elidedText(item.text, Qt::ElideMiddle, frame.width() - 2 * style.unit));
        break;
    }
    case ItemKind::Foot: {
        painter.setFont(style.small);
        painter.setPen(item.alarm ? style.text : style.muted);
        const auto text = item.alarm ? QStringLiteral("⚠ ") + item.text : item.text;
        const QRectF place(box.left(), box.top() + style.unit * 0.5, textRight - box.left() - style.unit,
                           QFontMetricsF(style.small).height() + style.unit * 0.5);
        painter.drawText(place, Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(style.small).elidedText(text, Qt::ElideRight, place.width()));
        break;
    }
    default:
        break;
    }
}

} // namespace bathy::panels
