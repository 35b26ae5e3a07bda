#include "widgets/rich_text/markdown_stream.h"

#include "widgets/rich_text/markdown_inline.h"
#include "widgets/rich_text/markdown_lines.h"

#include <algorithm>
#include <optional>

namespace bathy::widgets {

// One pass over the source from the stream's restart point. Moves the restart point whenever what lies before it can no
// longer change.
class MarkdownBlockParser {
public:
    explicit MarkdownBlockParser(MarkdownStream& stream)
        : m_stream(stream), m_source(stream.m_source), m_blocks(stream.m_blocks), m_state(stream.m_restartState),
          m_at(stream.m_restartAt) {
        m_blocks.resize(stream.m_restartBlock);
    }

    void run() {
        while (m_at < m_source.size()) {
            const auto line = lineAt(m_source, m_at);
            m_at = line.next;
            if (m_state.fence.isOpen())
                codeLine(line);
            else
                textLine(line);
        }
        finishText();
        if (m_state.fence.isOpen())
            finishCode(false);
    }

private:
    // What comes before `at` is final: blocks up to here, and the state in which the next line is read.
    void settle(qsizetype at) {
        m_stream.m_restartAt = at;
        m_stream.m_restartBlock = static_cast<int>(m_blocks.size());
        m_stream.m_restartState = m_state;
    }

    // A line that is still being written may yet turn out to go on with the text or table above it.
    void settleBefore(const Line& line) {
        if (line.isWhole() || !m_followsText)
            settle(line.begin);
    }

    void codeLine(const Line& line) {
        auto& fence = m_state.fence;
        auto text = line.text;
        if (fence.quote > 0) {
            if (takeQuotes(text) < fence.quote) { // the quotation ended, and the code with it
                finishCode(false);
                m_state.fence = {};
                m_at = line.begin;
                return;
            }
        }
        qsizetype first = 0;
        const int columns = columnsOf(text, &first);
        const auto content = text.sliced(first);
        qsizetype marks = 0;
        while (marks < content.size() && content[marks] == fence.mark)
            ++marks;
        if (columns - fence.indent < 4 && marks >= fence.length && content.sliced(marks).trimmed().isEmpty()) {
            finishCode(false);
            m_state.fence = {};
            m_state.continues = false;
            if (line.isWhole())
                settle(line.next);
            return;
        }
        if (m_codeLines == MarkdownStream::kCodePieceLines) {
            finishCode(true);
            m_state.continues = true;
            settle(line.begin);
        }
        if (m_codeLines++ > 0)
            m_code += u'\n';
        m_code += text.sliced(std::min<qsizetype>(first, std::min(columns, fence.indent)));
    }

    void finishCode(bool more) {
        RichBlock block;
        block.kind = BlockKind::Code;
        block.indent = m_state.fence.listIndent;
        block.quote = m_state.fence.quote;
        block.language = m_state.fence.language;
        block.continued = m_state.continues;
        block.unfinished = more;
        block.text.text = std::exchange(m_code, {});
        m_codeLines = 0;
        m_blocks.append(std::move(block));
    }

    void textLine(const Line& line) {
        auto text = line.text;
        const int quote = takeQuotes(text);
        qsizetype first = 0;
        const int columns = columnsOf(text, &first);
        const auto content = text.sliced(first).trimmed();
        const bool midLine = std::exchange(m_state.midLine, false);
        if (content.isEmpty()) {
            finishText();
            m_afterTable = false;
            m_state.continues = false;
            return;
        }
        m_followsText = m_inText || std::exchange(m_afterTable, false);
        if (m_inText && quote != m_text.quote)
            finishText();
        if (midLine)
            return paragraph(content, columns, quote, line);
        if (openFence(content, columns, quote, line) || heading(content, quote, line) || rule(content, quote, line) ||
            listItem(content, columns, quote, line) || table(content, columns, quote, line))
            return;
        paragraph(content, columns, quote, line);
    }

    int depthAt(int columns) const {
        return static_cast<int>(std::count_if(m_state.listColumns.begin(), m_state.listColumns.end(),
                                              [columns](int c) { return c <= columns; }));
    }
    void leaveLists(int depth) { m_state.listColumns.resize(std::min<qsizetype>(depth, m_state.listColumns.size())); }

    bool openFence(QStringView content, int columns, int quote, const Line& line) {
        const auto mark = content[0];
        if (mark != u'`' && mark != u'~')
            return false;
        int length = 0;
        while (length < content.size() && content[length] == mark)
            ++length;
        const auto info = content.sliced(length).trimmed();
        if (length < 3 || (mark == u'`' && info.contains(u'`')))
            return false;
        finishText();
        const int depth = depthAt(columns);
        leaveLists(depth);
        m_state.continues = false;
        settleBefore(line);
        m_state.fence = {mark, length, columns, depth, quote, info.toString().section(u' ', 0, 0)};
        m_code.clear();
        m_codeLines = 0;
        return true;
    }

    bool heading(QStringView content, int quote, const Line& line) {
        const int level = headingLevel(content);
        if (level == 0)
            return false;
        begin(line);
        leaveLists(0);
        auto text = content.sliced(level).trimmed();
        while (text.endsWith(u'#'))
            text = text.chopped(1);
        RichBlock block;
        block.kind = BlockKind::Heading;
        block.level = level;
        block.quote = quote;
        block.text = parseInline(text.trimmed());
        m_blocks.append(std::move(block));
        return true;
    }

    bool rule(QStringView content, int quote, const Line& line) {
        if (!isRule(content))
            return false;
        begin(line);
        leaveLists(0);
        RichBlock block;
        block.kind = BlockKind::Rule;
        block.quote = quote;
        m_blocks.append(std::move(block));
        return true;
    }

    bool listItem(QStringView content, int columns, int quote, const Line& line) {
        const auto mark = listMark(content);
        if (!mark)
            return false;
        const int depth = std::min(depthAt(columns), kMaxDepth);
        begin(line, depth == 0);
        leaveLists(depth);
        m_state.listColumns.append(columns + 2); // models indent by two even under "1."
        beginText(depth + 1, quote);
        m_text.marker = mark->marker;
        m_textSource = content.sliced(mark->length).toString();
        cutLongLine(content.sliced(mark->length), line);
        return true;
    }

    bool table(QStringView content, int columns, int quote, const Line& line) {
        if (m_inText || !content.contains(u'|') || m_at >= m_source.size())
            return false;
        auto next = lineAt(m_source, m_at);
        auto nextText = next.text;
        if (takeQuotes(nextText) != quote)
            return false;
        auto aligns = delimiterRow(nextText);
        const auto head = tableCells(content);
        if (!aligns || aligns->size() != head.size())
            return false;
        begin(line);
        RichBlock block;
        block.kind = BlockKind::Table;
        block.quote = quote;
        block.indent = depthAt(columns);
        block.columns = *std::move(aligns);
        addRow(block, head);
        for (m_at = next.next; m_at < m_source.size();) {
            next = lineAt(m_source, m_at);
            nextText = next.text;
            if (takeQuotes(nextText) != quote || !nextText.contains(u'|'))
                break;
            addRow(block, tableCells(nextText));
            m_at = next.next;
        }
        m_blocks.append(std::move(block));
        m_afterTable = true;
        return true;
    }

    static void addRow(RichBlock& block, const QVector<QStringView>& cells) {
        QVector<InlineText> row;
        for (qsizetype i = 0; i < block.columns.size(); ++i)
            row.append(
                i < cells.size()
                    ? parseInline(QString(cells[i].toString()).replace(QStringLiteral("\\|"), QStringLiteral("|")))
                    : InlineText());
        block.rows.append(std::move(row));
    }

    void paragraph(QStringView content, int columns, int quote, const Line& line) {
        if (m_inText && m_textSource.size() > MarkdownStream::kTextPieceChars)
            finishPiece(line.begin);
        if (m_inText) {
            m_textSource += u'\n';
            m_textSource += content;
        } else {
            const bool goesOn = m_state.continues;
            if (!goesOn) {
                const int depth = depthAt(columns);
                begin(line, depth == 0);
                leaveLists(depth);
            }
            beginText(static_cast<int>(m_state.listColumns.size()), quote);
            m_text.continued = goesOn;
            m_textSource = content.toString();
        }
        cutLongLine(content, line);
    }

    // A line without an end: what lies before the last space of each piece is final.
    void cutLongLine(QStringView content, const Line& line) {
        if (content.size() <= MarkdownStream::kTextPieceChars || m_textSource.size() > content.size())
            return;
        auto cut = m_textSource.lastIndexOf(u' ', MarkdownStream::kTextPieceChars);
        if (cut < MarkdownStream::kTextPieceChars / 2)
            cut = MarkdownStream::kTextPieceChars;
        if (cut < m_textSource.size() && m_textSource[cut].isLowSurrogate())
            ++cut;
        m_textSource.truncate(cut);
        m_at = line.begin + (content.data() - line.text.data()) + cut;
        m_state.midLine = true;
        finishPiece(m_at);
    }

    void finishPiece(qsizetype at) {
        m_text.unfinished = true;
        finishText();
        m_state.continues = true;
        settle(at);
    }

    // A new top-level block begins with this line.
    void begin(const Line& line, bool canSettle = true) {
        finishText();
        m_state.continues = false;
        if (canSettle)
            settleBefore(line);
    }
    void beginText(int indent, int quote) {
        m_inText = true;
        m_text = {};
        m_text.kind = BlockKind::Paragraph;
        m_text.indent = indent;
        m_text.quote = quote;
    }
    void finishText() {
        if (!std::exchange(m_inText, false))
            return;
        m_text.text = parseInline(std::exchange(m_textSource, {}));
        m_blocks.append(std::move(m_text));
    }

    MarkdownStream& m_stream;
    QStringView m_source;
    QVector<RichBlock>& m_blocks;
    MarkdownStream::State m_state;
    qsizetype m_at;
    RichBlock m_text;
    QString m_textSource;
    bool m_inText = false;
    bool m_afterTable = false;
    bool m_followsText = false; // the line before this one is text or a table
    QString m_code;
    int m_codeLines = 0;
};

int MarkdownStream::append(const QString& text) {
    m_source += text;
    const int first = m_restartBlock;
    MarkdownBlockParser(*this).run();
    return first;
}

QVector<RichBlock> plainBlocks(const QString& text) {
    QVector<RichBlock> blocks;
    for (qsizetype at = 0; at < text.size();) {
        qsizetype end = text.size();
        if (end - at > MarkdownStream::kTextPieceChars) {
            end = text.lastIndexOf(u'\n', at + MarkdownStream::kTextPieceChars) + 1;
            if (end <= at)
                end = at + MarkdownStream::kTextPieceChars -
                      (text.at(at + MarkdownStream::kTextPieceChars).isLowSurrogate() ? 1 : 0);
        }
        RichBlock block;
        block.kind = BlockKind::Paragraph;
        block.continued = at > 0;
        block.unfinished = end < text.size();
        block.text.text = text.mid(at, end - at);
        if (block.unfinished && block.text.text.endsWith(u'\n'))
            block.text.text.chop(1);
        blocks.append(std::move(block));
        at = end;
    }
    return blocks;
}

} // namespace bathy::widgets
