// Fonts, colours and distances of formatted text, all taken from a widget's font and palette. Plain value.
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>

namespace bathy::widgets {

struct RichStyle {
    RichStyle(const QFont& font, const QPalette& palette);

    QFont body;
    QFont code;
    QFont small;
    QFont heading(int level) const;

    QColor text;
    QColor muted;
    QColor link;
    QColor border;
    QColor codeBackground;
    QColor selection;
    QColor selectedText;

    qreal lineHeight = 0;                     // of body text
    qreal unit = 8;                           // the grid
    qreal indent = 24;                        // of one level of a list or quotation
    qreal columnWidth(qreal available) const; // lines longer than this are hard to read
};

} // namespace bathy::widgets
