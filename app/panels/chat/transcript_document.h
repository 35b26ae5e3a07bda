// The rows of the shown conversation, kept up to date while an answer grows: only the rows behind the last final block
// of the answer are made again. UI thread; no widget.
#pragma once

#include "app/panels/chat/transcript_item.h"
#include "widgets/rich_text/markdown_stream.h"

#include <QSet>
#include <QVector>

#include <vector>

namespace bathy::panels {

class TranscriptDocument {
public:
    const QVector<TranscriptItem>& items() const { return m_items; }

    // Another conversation, or another path of it.
    void rebuild(const models::Conversation& conversation);
    // Rows before the returned index are what they were. `message` is the last of the path.
    int update(const models::Conversation& conversation, MessageId message);
    // A message was added at the end of the path.
    int append(const models::Conversation& conversation, MessageId message);

    int toggleFold(MessageId message); // the same
    bool isFoldOpen(MessageId message) const { return m_openFolds.contains(message); }

    // What selecting rows [first, last] from one offset to another copies.
    QString textBetween(int first, int firstOffset, int last, int lastOffset) const;
    // The code whose first piece is this row.
    QString codeAt(int row) const;
    int firstRowOf(MessageId message) const; // -1: not here

    static QString footText(const models::Message& message);

private:
    struct Section {
        MessageId message{};
        int firstRow = 0;
        widgets::MarkdownStream reasoning;
        widgets::MarkdownStream text;
    };
    void addSection(const models::Conversation& conversation, MessageId message);
    void addRows(Section& section, const models::Message& message, const models::Conversation& conversation);
    void addBlocks(const QVector<widgets::RichBlock>& blocks, ItemKind kind, MessageId message);
    int rebuildRows(const models::Conversation& conversation, Section& section);
    static int growStream(widgets::MarkdownStream& stream, const QString& whole);

    QVector<TranscriptItem> m_items;
    std::vector<Section> m_sections;
    QSet<MessageId> m_openFolds;
    const models::Conversation* m_conversation = nullptr; // for folds; the presenter's, replaced by rebuild
};

} // namespace bathy::panels
