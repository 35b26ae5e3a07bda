#include "widgets/rich_text/block_layout.h"
#include "widgets/rich_text/height_index.h"
#include "widgets/rich_text/markdown_inline.h"
#include "widgets/rich_text/markdown_stream.h"

#include <QElapsedTimer>
#include <QImage>
#include <QPainter>
#include <QRandomGenerator>
#include <QTest>

namespace bathy::widgets {
namespace {

// "plain [bold:b] [link>url:l]": spans in brackets.
QString show(const InlineText& text) {
    QString out;
    int at = 0;
    for (const auto& span : text.spans) {
        out += text.text.mid(at, span.begin - at) + QLatin1Char('[');
        if (span.styles & Bold)
            out += QLatin1Char('b');
        if (span.styles & Italic)
            out += QLatin1Char('i');
        if (span.styles & Code)
            out += QLatin1Char('c');
        if (span.styles & Strike)
            out += QLatin1Char('s');
        if (span.styles & Link)
            out += QStringLiteral("l>") + span.target;
        out += QLatin1Char(':') + text.text.mid(span.begin, span.length) + QLatin1Char(']');
        at = span.begin + span.length;
    }
    return out + text.text.mid(at);
}

QString show(const RichBlock& block) {
    QString out;
    switch (block.kind) {
    case BlockKind::Heading:
        out = QStringLiteral("h%1 ").arg(block.level);
        break;
    case BlockKind::Code:
        out = QStringLiteral("code(%1) ").arg(block.language);
        break;
    case BlockKind::Table:
        out = QStringLiteral("table ");
        break;
    case BlockKind::Rule:
        return QStringLiteral("rule");
    case BlockKind::Paragraph:
        out = QStringLiteral("p ");
    }
    out.prepend(QString(block.quote, QLatin1Char('>')) + QString(block.indent, QLatin1Char('_')));
    if (!block.marker.isEmpty())
        out += block.marker + QLatin1Char(' ');
    if (block.kind == BlockKind::Table) {
        for (const auto& row : block.rows) {
            for (const auto& cell : row)
                out += show(cell) + QLatin1Char('|');
            out += QLatin1Char('/');
        }
        return out;
    }
    return out + show(block.text);
}

QString show(const QVector<RichBlock>& blocks) {
    QStringList lines;
    for (const auto& block : blocks)
        lines << show(block);
    return lines.join(QStringLiteral("\n"));
}

QString source(const char* text) {
    return QString::fromUtf8(text);
}

QString longSample() {
    return source(
        "# Title\n\nSome *text* with `code`\nand a second line.\n\n- one\n  - two\n- three\n\n1. first\n2. second\n\n"
        "> quoted\n> more\n\n```cpp\nint a;\n\nint b;\n```\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n\n---\nend "
        "[link](https://x.org)");
}

} // namespace

class RichTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void inlineText_data() {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* markdown, const char* expected) {
            QTest::newRow(markdown) << source(markdown) << source(expected);
        };
        row("plain", "plain");
        row("**bold** and *it*", "[b:bold] and [i:it]");
        row("***both***", "[bi:both]");
        row("**a *b* c**", "[b:a ][bi:b][b: c]");
        row("snake_case_name", "snake_case_name");
        row("_it_ __bo__", "[i:it] [b:bo]");
        row("2 * 3 * 4", "2 * 3 * 4");
        row("**open", "**open");
        row("a ~~gone~~ b", "a [s:gone] b");
        row("`a*b*` x", "[c:a*b*] x");
        row("`` a`b ``", "[c:a`b]");
        row("`open", "`open");
        row("\\*not\\*", "*not*");
        row("[t](https://x.org)", "[l>https://x.org:t]");
        row("[**t**](https://x.org \"tip\")", "[l>https://x.org:t]");
        row("![pic](file:///etc/passwd)", "[l>file:///etc/passwd:pic]");
        row("see https://x.org/a_b.", "see [l>https://x.org/a_b:https://x.org/a_b].");
        row("<b>raw</b> &lt;x&gt;", "<b>raw</b> <x>");
        row("a<br>b", "a\nb");
        row("[a](b", "[a](b");
        row("中文**粗体**中文", "中文[b:粗体]中文");
    }
    void inlineText() {
        QFETCH(QString, markdown);
        QFETCH(QString, expected);
        QCOMPARE(show(parseInline(markdown)), expected);
    }

    void blocks_data() {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const char* markdown, const char* expected) {
            QTest::newRow(name) << source(markdown) << source(expected);
        };
        row("paragraphs", "a\nb\n\nc", "p a\nb\np c");
        row("headings", "# A\n###### B #\n####### C\n#D", "h1 A\nh6 B\np ####### C\n#D");
        row("nested list", "- a\n  - b\n    more\n- c\n\n  para", "_p • a\n__p • b\nmore\n_p • c\n_p para");
        row("numbers", "1. a\n2) b\n10. c", "_p 1. a\n_p 2) b\n_p 10. c");
        row("tasks", "- [ ] a\n- [x] b", "_p ☐ a\n_p ☑ b");
        row("list ends", "- a\n\nb", "_p • a\np b");
        row("fence", "```py\na\n\n  b\n```\nc", "code(py) a\n\n  b\np c");
        row("fence in list", "- a\n  ```\n  b\n  ```\n- c", "_p • a\n_code() b\n_p • c");
        row("open fence", "```\na\n- b", "code() a\n- b");
        row("fence not closed by shorter", "````\n```\n````", "code() ```");
        row("table", "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |\nx", "table a|b|/1|2|/3||/\np x");
        row("no table", "a | b\nc | d", "p a | b\nc | d");
        row("quote", "> a\n> - b\n\nc", ">p a\n>_p • b\np c");
        row("rule", "a\n\n---\n\n* * *\nb", "p a\nrule\nrule\np b");
        row("empty", "", "");
        row("blank", "\n\n  \n", "");
        row("carriage returns", "a\r\n\r\nb", "p a\np b");
    }
    void blocks() {
        QFETCH(QString, markdown);
        QFETCH(QString, expected);
        const MarkdownStream stream(markdown);
        QCOMPARE(show(stream.blocks()), expected);
    }

    void stream_anyCut_equalsTheWhole() {
        const auto text = longSample();
        const MarkdownStream whole(text);
        for (const int step : {1, 2, 3, 7, 50}) {
            MarkdownStream stream;
            for (int at = 0; at < text.size(); at += step) {
                const auto before = stream.blocks();
                const int first = stream.append(text.mid(at, step));
                for (int i = 0; i < first; ++i) // what was called final did not change
                    QVERIFY(stream.blocks().at(i) == before.at(i));
            }
            QCOMPARE(show(stream.blocks()), show(whole.blocks()));
        }
    }

    void stream_longCodeAndLongLines_areCutIntoPiecesThatLoseNothing() {
        MarkdownStream code(QStringLiteral("```\n"));
        QString lines;
        for (int i = 0; i < 500; ++i) {
            const auto line = QStringLiteral("line %1\n").arg(i);
            code.append(line);
            lines += line;
        }
        QVERIFY(code.blocks().size() >= 500 / MarkdownStream::kCodePieceLines);
        QString joined;
        for (const auto& block : code.blocks())
            joined += block.text.text + QLatin1Char('\n');
        QCOMPARE(joined, lines);
        for (int i = 0; i < code.blocks().size(); ++i) {
            QCOMPARE(code.blocks().at(i).continued, i > 0);
            QCOMPARE(code.blocks().at(i).unfinished, i + 1 < code.blocks().size());
        }

        MarkdownStream line;
        QString words;
        for (int i = 0; i < 5000; ++i) {
            const auto word = QStringLiteral("- word%1 ").arg(i); // what would be a list at the start of a line
            line.append(word);
            words += word;
        }
        QString text;
        for (const auto& block : line.blocks())
            text += block.text.text;
        QCOMPARE(text.remove(QLatin1Char(' ')), words.mid(2).remove(QLatin1Char(' ')));
        QVERIFY(line.blocks().size() > 10);
    }

    void stream_hostileText_isQuick() {
        QElapsedTimer time;
        time.start();
        for (const auto* piece :
             {"*", "_", "`", "[", "](", "> ", "- ", "**a", "`a", "|", "&", "<", "~~", "![", "* _", "\\", "#", "1. "})
            for (const auto* end : {"", "\n"}) {
                const MarkdownStream stream((source(piece) + source(end)).repeated(4000));
                QVERIFY(stream.blocks().size() >= 0);
            }
        auto* random = QRandomGenerator::global();
        const QString letters = source("*_`[]()>-#|~ \n\\a1.!&<");
        for (int round = 0; round < 200; ++round) {
            QString text;
            for (int i = 0; i < 400; ++i)
                text += letters.at(random->bounded(static_cast<int>(letters.size())));
            MarkdownStream stream;
            for (int at = 0; at < text.size(); at += 37)
                stream.append(text.mid(at, 37));
            QVERIFY2(show(stream.blocks()) == show(MarkdownStream(text).blocks()), qPrintable(text));
        }
        QVERIFY2(time.elapsed() < 20000, "parsing grows faster than the text");
    }

    void plainBlocks_keepEveryCharacter() {
        const auto text = source("a\n\n**b**\n").repeated(900);
        QString joined;
        for (const auto& block : plainBlocks(text))
            joined += block.text.text + (block.unfinished ? QStringLiteral("\n") : QString());
        QCOMPARE(joined, text);
    }

    void layout_everyKind_hasHeightAndFindsItsText() {
        const RichStyle style{QFont(), QPalette()};
        const MarkdownStream sample(longSample());
        for (const auto& block : sample.blocks()) {
            const BlockLayout layout(block, style, 400);
            QVERIFY(layout.height() > 0);
            QCOMPARE(layout.length(), static_cast<int>(plainText(block).size()));
            const int end = layout.offsetAt({10000, 10000});
            QVERIFY(end >= 0 && end <= layout.length());
            QCOMPARE(layout.offsetAt({-10, -10}), 0);
            const auto guess = BlockLayout::estimateHeight(block, style, 400);
            QVERIFY2(
                guess > layout.height() * 0.4 && guess < layout.height() * 2.5,
                qPrintable(QStringLiteral("%1: guessed %2, is %3").arg(show(block)).arg(guess).arg(layout.height())));
        }
    }

    void layout_narrower_isTaller_andLinksAreFound() {
        const RichStyle style{QFont(), QPalette()};
        const auto block =
            MarkdownStream(source("[link](https://x.org) ") + source("many words ").repeated(40)).blocks().first();
        QVERIFY(BlockLayout(block, style, 200).height() > BlockLayout(block, style, 600).height());
        const BlockLayout layout(block, style, 600);
        QCOMPARE(layout.linkAt({5, layout.height() * 0 + style.unit * 1.25 + style.lineHeight / 2}),
                 QStringLiteral("https://x.org"));
        QCOMPARE(layout.linkAt({400, layout.height() - 5}), QString());
    }

    void layout_tableWithRoom_wrapsNoCell() {
        const RichStyle style{QFont(), QPalette()};
        const auto heightOf = [&](const char* cell) {
            const MarkdownStream stream(source("| A | B |\n|---|---|\n| ") + source(cell) + source(" | x |"));
            return BlockLayout(stream.blocks().first(), style, 800).height();
        };
        QCOMPARE(heightOf("some words and `a_long_name_in_code`"), heightOf("`w`"));
    }

    void layout_selection_changesPixels() {
        const RichStyle style{QFont(), QPalette()};
        const BlockLayout layout(MarkdownStream(source("select me")).blocks().first(), style, 200);
        const auto picture = [&](TextRange range) {
            QImage image(200, 60, QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            layout.draw(painter, {}, style, range, false);
            return image;
        };
        QVERIFY(picture({}) != picture({0, 6}));
        QCOMPARE(layout.wordAt(2).end, 6);
    }

    void heightIndex_afterChanges_agreesWithTheSum() {
        HeightIndex index;
        QCOMPARE(index.rowAt(5), -1);
        index.resize(100);
        for (int i = 0; i < 100; ++i)
            index.set(i, i);
        QCOMPARE(index.total(), 4950.0);
        index.set(10, 20);
        QCOMPARE(index.top(11), 65.0);
        QCOMPARE(index.top(100), 4960.0);
        QCOMPARE(index.rowAt(64), 10);
        QCOMPARE(index.rowAt(1e9), 99);
        index.resize(5);
        QCOMPARE(index.total(), 10.0);
    }
};

} // namespace bathy::widgets

QTEST_MAIN(bathy::widgets::RichTextTest)
#include "test_rich_text.moc"
