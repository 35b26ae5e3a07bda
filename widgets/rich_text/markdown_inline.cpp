#include "widgets/rich_text/markdown_inline.h"

#include <QVector>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace bathy::widgets {
namespace {

constexpr int kMaxOpeners = 64;      // nested emphasis beyond this is text; keeps hostile runs cheap
constexpr int kMaxLinkLength = 2048; // of label and of target

bool isPunctuation(QChar c) {
    return c.isPunct() || c.isSymbol();
}

struct Opener {
    QChar mark;
    int begin = 0; // in the output
    int length = 0;
};

// Builds the text with all marks in it, notes which of them were used, and takes those out at the end.
class InlineParser {
public:
    explicit InlineParser(QStringView source) : m_source(source) {}

    InlineText parse() {
        while (m_at < m_source.size())
            step();
        return compact();
    }

private:
    struct Styled {
        int begin = 0, end = 0;
        std::uint8_t style = 0;
        QString target;
    };

    QChar peek(qsizetype ahead = 0) const {
        const auto at = m_at + ahead;
        return at >= 0 && at < m_source.size() ? m_source[at] : QChar();
    }

    void step() {
        const auto c = peek();
        if (c == u'\\')
            return escape();
        if (c == u'`')
            return codeSpan();
        if (c == u'*' || c == u'_' || c == u'~')
            return emphasis(c);
        if (c == u'[' || (c == u'!' && peek(1) == u'['))
            if (link())
                return;
        if (c == u'<')
            if (lineBreakTag() || angleLink())
                return;
        if (c == u'h' && bareLink())
            return;
        if (c == u'&' && entity())
            return;
        literal(c);
    }

    void literal(QChar c) {
        m_out.append(c);
        ++m_at;
    }

    void escape() {
        const auto next = peek(1);
        if (next.unicode() < 128 && isPunctuation(next)) {
            m_out.append(next);
            m_at += 2;
        } else {
            literal(u'\\');
        }
    }

    void codeSpan() {
        qsizetype ticks = 0;
        while (peek(ticks) == u'`')
            ++ticks;
        // A length that was searched for in vain once is not searched again.
        if (ticks < static_cast<qsizetype>(m_noTicks.size()) && m_noTicks[static_cast<std::size_t>(ticks)]) {
            m_out.append(m_source.sliced(m_at, ticks));
            m_at += ticks;
            return;
        }
        for (auto at = m_at + ticks; at < m_source.size();) {
            if (m_source[at] != u'`') {
                ++at;
                continue;
            }
            auto end = at;
            while (end < m_source.size() && m_source[end] == u'`')
                ++end;
            if (end - at == ticks)
                return addCode(m_source.sliced(m_at + ticks, at - m_at - ticks), end);
            at = end;
        }
        if (ticks < static_cast<qsizetype>(m_noTicks.size()))
            m_noTicks[static_cast<std::size_t>(ticks)] = true;
        m_out.append(m_source.sliced(m_at, ticks));
        m_at += ticks;
    }

    void addCode(QStringView content, qsizetype end) {
        auto text = content.toString().replace(u'\n', u' ');
        if (text.size() > 2 && text.startsWith(u' ') && text.endsWith(u' ') && !text.trimmed().isEmpty())
            text = text.mid(1, text.size() - 2);
        const int begin = static_cast<int>(m_out.size());
        m_out.append(text);
        m_styled.push_back({begin, static_cast<int>(m_out.size()), Code, {}});
        m_at = end;
    }

    void emphasis(QChar mark) {
        int length = 0;
        while (peek(length) == mark)
            ++length;
        const auto before = m_at > 0 ? m_source[m_at - 1] : QChar(u' ');
        const auto after = m_at + length < m_source.size() ? m_source[m_at + length] : QChar(u' ');
        const bool left = !after.isSpace() && (!isPunctuation(after) || before.isSpace() || isPunctuation(before));
        const bool right = !before.isSpace() && (!isPunctuation(before) || after.isSpace() || isPunctuation(after));
        const bool underscore = mark == u'_';
        const bool canOpen = left && (!underscore || !right || isPunctuation(before));
        const bool canClose = right && (!underscore || !left || isPunctuation(after));
        m_at += length;
        if (mark == u'~' && length != 2) {
            m_out.append(QString(length, mark));
            return;
        }
        int begin = static_cast<int>(m_out.size());
        m_out.append(QString(length, mark));
        if (canClose)
            close(mark, begin, length);
        if (canOpen && length > 0 && m_openers.size() < kMaxOpeners)
            m_openers.push_back({mark, begin, length});
    }

    // Uses up marks of the closing run from its left end, marks of the opener from its right end.
    void close(QChar mark, int& begin, int& length) {
        while (length > 0) {
            const auto opener =
                std::find_if(m_openers.rbegin(), m_openers.rend(), [mark](const Opener& o) { return o.mark == mark; });
            if (opener == m_openers.rend())
                return;
            const int used = std::min({2, opener->length, length});
            if (mark == u'~' && used < 2)
                return;
            const int inner = opener->begin + opener->length;
            if (inner < begin)
                m_styled.push_back({inner, begin, mark == u'~' ? Strike : used == 2 ? Bold : Italic, {}});
            remove(inner - used, used);
            remove(begin, used);
            begin += used;
            length -= used;
            opener->length -= used;
            const auto keep = static_cast<std::size_t>(m_openers.rend() - opener) - (opener->length == 0 ? 1 : 0);
            m_openers.resize(keep);
        }
    }

    void remove(int begin, int length) { m_removed.push_back({begin, length}); }

    bool link() {
        const qsizetype open = m_at + (peek() == u'!' ? 1 : 0);
        qsizetype depth = 0, labelEnd = -1;
        for (auto at = open; at < m_source.size() && at - open < kMaxLinkLength; ++at) {
            const auto c = m_source[at];
            if (c == u'\\')
                ++at;
            else if (c == u'[')
                ++depth;
            else if (c == u']' && --depth == 0) {
                labelEnd = at;
                break;
            }
        }
        if (labelEnd < 0 || labelEnd + 1 >= m_source.size() || m_source[labelEnd + 1] != u'(')
            return false;
        qsizetype targetEnd = -1;
        depth = 0;
        for (auto at = labelEnd + 1; at < m_source.size() && at - labelEnd < kMaxLinkLength; ++at) {
            const auto c = m_source[at];
            if (c == u'\n')
                return false;
            if (c == u'\\')
                ++at;
            else if (c == u'(')
                ++depth;
            else if (c == u')' && --depth == 0) {
                targetEnd = at;
                break;
            }
        }
        if (targetEnd < 0)
            return false;
        auto target = m_source.sliced(labelEnd + 2, targetEnd - labelEnd - 2).trimmed();
        if (const auto title = target.indexOf(u' '); title > 0)
            target = target.first(title);
        if (target.startsWith(u'<') && target.endsWith(u'>') && target.size() > 1)
            target = target.sliced(1, target.size() - 2);
        addLink(parseLabel(m_source.sliced(open + 1, labelEnd - open - 1)), target.toString(), targetEnd + 1);
        return true;
    }

    // The styles inside a label are kept flat: only its text.
    static QString parseLabel(QStringView label) {
        return InlineParser(label.first(std::min<qsizetype>(label.size(), kMaxLinkLength))).parseFlat();
    }
    QString parseFlat() {
        while (m_at < m_source.size()) {
            const auto c = peek();
            if (c == u'[' || c == u'!' || c == u'h' || c == u'<') // no link inside a link
                literal(c);
            else
                step();
        }
        return compact().text;
    }

    void addLink(const QString& label, const QString& target, qsizetype end) {
        const int begin = static_cast<int>(m_out.size());
        m_out.append(label.isEmpty() ? target : label);
        m_styled.push_back({begin, static_cast<int>(m_out.size()), Link, target});
        m_at = end;
    }

    bool lineBreakTag() {
        for (const auto tag : {u"<br>", u"<br/>", u"<br />"}) {
            if (m_source.sliced(m_at).startsWith(QStringView(tag), Qt::CaseInsensitive)) {
                m_out.append(u'\n');
                m_at += QStringView(tag).size();
                return true;
            }
        }
        return false;
    }

    bool angleLink() {
        const auto rest = m_source.sliced(m_at + 1);
        if (!rest.startsWith(u"http://") && !rest.startsWith(u"https://") && !rest.startsWith(u"mailto:"))
            return false;
        const auto end = rest.first(std::min<qsizetype>(rest.size(), kMaxLinkLength)).indexOf(u'>');
        if (end < 0 || rest.first(end).contains(u' '))
            return false;
        const auto target = rest.first(end).toString();
        addLink(target, target, m_at + end + 2);
        return true;
    }

    bool bareLink() {
        const auto rest = m_source.sliced(m_at);
        if (!rest.startsWith(u"http://") && !rest.startsWith(u"https://"))
            return false;
        if (m_at > 0 && m_source[m_at - 1].isLetterOrNumber())
            return false;
        qsizetype end = 0;
        while (end < rest.size() && end < kMaxLinkLength && !rest[end].isSpace() && rest[end] != u'<' &&
               rest[end] != u'"' && rest[end] != u'`')
            ++end;
        while (end > 0 && QStringView(u".,;:!?)'*_~]").contains(rest[end - 1]))
            --end;
        if (end <= 8)
            return false;
        const auto target = rest.first(end).toString();
        addLink(target, target, m_at + end);
        return true;
    }

    bool entity() {
        struct Named {
            QStringView name;
            QChar value;
        };
        static constexpr std::array<Named, 6> kNamed{Named{u"&amp;", u'&'}, {u"&lt;", u'<'},   {u"&gt;", u'>'},
                                                     {u"&quot;", u'"'},     {u"&#39;", u'\''}, {u"&nbsp;", u'\u00a0'}};
        for (const auto& [name, value] : kNamed) {
            if (m_source.sliced(m_at).startsWith(name)) {
                m_out.append(value);
                m_at += name.size();
                return true;
            }
        }
        return false;
    }

    // Takes the used marks out and cuts the overlapping styles into spans that do not overlap.
    InlineText compact() {
        std::vector<int> kept(static_cast<std::size_t>(m_out.size()) + 1, 1);
        for (const auto& [begin, length] : m_removed)
            std::fill_n(kept.begin() + begin, length, 0);
        InlineText result;
        result.text.reserve(m_out.size());
        int count = 0;
        for (int i = 0; i < m_out.size(); ++i) {
            const int keep = kept[static_cast<std::size_t>(i)];
            kept[static_cast<std::size_t>(i)] = count; // from here on: the new place
            if (keep != 0) {
                result.text.append(m_out[i]);
                ++count;
            }
        }
        kept.back() = count;
        if (m_styled.empty())
            return result;
        std::vector<std::uint8_t> styles(static_cast<std::size_t>(count), 0);
        std::vector<const QString*> targets(static_cast<std::size_t>(count), nullptr);
        for (const auto& styled : m_styled) {
            for (int i = kept[static_cast<std::size_t>(styled.begin)]; i < kept[static_cast<std::size_t>(styled.end)];
                 ++i) {
                styles[static_cast<std::size_t>(i)] |= styled.style;
                if (styled.style == Link)
                    targets[static_cast<std::size_t>(i)] = &styled.target;
            }
        }
        for (int begin = 0; begin < count;) {
            const auto at = static_cast<std::size_t>(begin);
            int end = begin + 1;
            while (end < count && styles[static_cast<std::size_t>(end)] == styles[at] &&
                   targets[static_cast<std::size_t>(end)] == targets[at])
                ++end;
            if (styles[at] != 0)
                result.spans.append(
                    {begin, end - begin, styles[at], targets[at] != nullptr ? *targets[at] : QString()});
            begin = end;
        }
        return result;
    }

    struct Range {
        int begin = 0, length = 0;
    };
    QStringView m_source;
    qsizetype m_at = 0;
    QString m_out;
    std::vector<Opener> m_openers;
    std::vector<Styled> m_styled;
    std::vector<Range> m_removed;
    std::array<bool, 32> m_noTicks{};
};

} // namespace

InlineText parseInline(QStringView source) {
    return InlineParser(source).parse();
}

} // namespace bathy::widgets
