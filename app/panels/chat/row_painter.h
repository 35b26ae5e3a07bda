// Paints the rows that are not text blocks (heads, folds, documents, feet) and says what can be clicked in them. Layout
// is the same code for painting and for hits, so they cannot disagree. UI thread.
#pragma once

#include "app/panels/chat/transcript_item.h"
#include "widgets/rich_text/rich_style.h"

#include <QRectF>
#include <QVector>

#include <optional>

class QPainter;

namespace bathy::panels {

enum class RowAction : std::uint8_t {
    OlderVersion,
    NewerVersion,
    ToggleReasoning,
    Copy,
    Edit,
    Regenerate,
    Delete,
    Inspect,
    Replay,
    CopyCode,
};

struct RowHit {
    int row = 0;
    RowAction action{};
    friend bool operator==(const RowHit&, const RowHit&) = default;
};

struct RowButton {
    RowAction action{};
    QString label;
    QString tip;
    QRectF box; // in the row
    bool enabled = true;
};

class RowPainter {
public:
    // Height of a row of another kind than Reasoning and Block.
    static qreal height(const TranscriptItem& item, const widgets::RichStyle& style);

    // `busy`: an answer runs. `shown`: the message is hovered or current, so its buttons are offered.
    QVector<RowButton> buttons(const TranscriptItem& item, const widgets::RichStyle& style, qreal width, bool busy,
                               bool shown) const;

    void paint(QPainter& painter, const TranscriptItem& item, const widgets::RichStyle& style, const QRectF& box,
               const QVector<RowButton>& buttons, std::optional<RowAction> hovered) const;
};

} // namespace bathy::panels
