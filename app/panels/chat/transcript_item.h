// A conversation as a flat list of rows for the eye: a head for each message, its reasoning behind a fold, its blocks,
// a foot. Plain values.
#pragma once

#include "app/models/conversation.h"
#include "widgets/rich_text/rich_block.h"

#include <QString>

namespace bathy::panels {

using models::MessageId;

enum class ItemKind : std::uint8_t {
    Head,      // who, which version
    Documents, // what was attached
    Fold,      // "Reasoning", opens and closes
    Reasoning, // a block of it
    Block,     // a block of the text
    Foot,      // numbers and why it ended
};

struct TranscriptItem {
    ItemKind kind{};
    MessageId message{};
    widgets::RichBlock block; // Reasoning, Block
    QString text;             // other kinds: the words
    bool open = false;        // Fold
    bool alarm = false;       // Foot: it did not end well
    int version = 0;          // Head: 1…versions
    int versions = 1;
    models::Role role{};

    friend bool operator==(const TranscriptItem&, const TranscriptItem&) = default;
};

} // namespace bathy::panels
