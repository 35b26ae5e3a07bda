// Emphasis, code, links and escapes inside one block of Markdown (the rules of CommonMark 0.30 section 6, without raw
// HTML, which is shown as it stands). Time grows with the length, whatever the text. Pure.
#pragma once

#include "widgets/rich_text/rich_block.h"

#include <QStringView>

namespace bathy::widgets {

InlineText parseInline(QStringView source);

} // namespace bathy::widgets
