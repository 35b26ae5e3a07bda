// Formatted text as a flat list of blocks: what a Markdown source becomes, ready to be laid out one block at a time.
// Plain values.
#pragma once

#include <QString>
#include <QVector>

#include <cstdint>

namespace bathy::widgets {

enum InlineStyle : std::uint8_t { Bold = 1, Italic = 2, Code = 4, Strike = 8, Link = 16 };

struct InlineSpan {
    int begin = 0; // in UTF-16 units of the text
    int length = 0;
    std::uint8_t styles = 0; // of InlineStyle
    QString target;          // of a link

    friend bool operator==(const InlineSpan&, const InlineSpan&) = default;
};

struct InlineText {
    QString text;              // line breaks as '\n'
    QVector<InlineSpan> spans; // in order, not overlapping

    friend bool operator==(const InlineText&, const InlineText&) = default;
};

enum class BlockKind : std::uint8_t { Paragraph, Heading, Code, Table, Rule };
enum class ColumnAlign : std::uint8_t { Left, Centre, Right };

struct RichBlock {
    BlockKind kind{};
    int level = 0;    // of a heading, 1…6
    int indent = 0;   // depth of lists round it
    int quote = 0;    // depth of quotations round it
    QString marker;   // in front of a list item's first block: "•", "3.", "☐"
    QString language; // of code, as written after the fence
    // Very long code and paragraphs come in pieces, so that only the last piece is laid out while text arrives.
    bool continued = false;  // goes on from the block before, without a gap
    bool unfinished = false; // the next block goes on from this one
    InlineText text;
    QVector<QVector<InlineText>> rows; // of a table, the head first
    QVector<ColumnAlign> columns;

    friend bool operator==(const RichBlock&, const RichBlock&) = default;
};

// What a person gets when the block is selected and copied.
QString plainText(const RichBlock& block);

} // namespace bathy::widgets
