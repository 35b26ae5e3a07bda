// A label for texts of any length: wraps, is plain text, can be selected and copied.
#pragma once

#include <QLabel>

namespace bathy::panels {

inline QLabel* wrappingLabel(const QString& text = {}) {
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace bathy::panels
