// Markdown that may still be arriving, as blocks. Appending parses again only from the start of the last block, so the
// cost of a piece does not grow with what came before. Understands headings, lists (nested, numbered, tasks), fenced
// code, tables, quotations and rules. A line break in the source is a line break on screen: that is how models write.
// Pure, one owner.
#pragma once

#include "widgets/rich_text/rich_block.h"

#include <QString>
#include <QVector>

namespace bathy::widgets {

class MarkdownStream {
public:
    static constexpr int kCodePieceLines = 48;
    static constexpr int kTextPieceChars = 2000;

    MarkdownStream() = default;
    explicit MarkdownStream(const QString& source) { append(source); }

    const QString& source() const { return m_source; }
    const QVector<RichBlock>& blocks() const { return m_blocks; }

    // Returns the index of the first block that may be different from before.
    int append(const QString& text);

private:
    struct Fence {
        QChar mark; // null: not inside a fence
        int length = 0;
        int indent = 0; // of the opening line, in columns
        int listIndent = 0;
        int quote = 0;
        QString language;
        bool isOpen() const { return !mark.isNull(); }
    };
    // Everything that the meaning of the next line depends on.
    struct State {
        Fence fence;
        QVector<int> listColumns; // where the content of each open list item begins
        bool continues = false;   // the next piece belongs to the block before
        bool midLine = false;     // and begins inside a line
    };
    friend class MarkdownBlockParser;

    QString m_source;
    QVector<RichBlock> m_blocks;
    qsizetype m_restartAt = 0; // where in the source parsing goes on
    int m_restartBlock = 0;    // blocks before this one are final
    State m_restartState;
};

// Text as it stands, line breaks kept, nothing interpreted: for what the user wrote.
QVector<RichBlock> plainBlocks(const QString& text);

} // namespace bathy::widgets
