// JSON as json.dumps(ensure_ascii=False) of Python writes it.
#include "engine/tokenizer/jinja/functions.h"

namespace bathy::tokenizer::jinja {
namespace {

constexpr int kDeepest = 64;

class Writer {
public:
    Writer(int indent, Budget& budget) : m_indent(indent), m_budget(budget) {}

    Result<Text> run(const Value& value) {
        BATHY_CHECK(write(value, 0));
        BATHY_CHECK(m_budget.produce(m_out.bytes.size()));
        return std::move(m_out);
    }

private:
    Result<void> write(const Value& value, int depth) {
        BATHY_CHECK(m_budget.spend());
        if (depth > kDeepest || m_out.bytes.size() > static_cast<std::size_t>(m_budget.limits().outputBytes))
            return runError("a value is too large for JSON");
        if (value.isNone())
            m_out.append("null");
        else if (const auto* flag = value.boolean())
            m_out.append(*flag ? "true" : "false");
        else if (const auto* text = value.text())
            string(*text);
        else if (const auto* list = value.list())
            return elements(*list, depth);
        else if (value.dict() && !value.space())
            return members(*value.dict(), depth);
        else if (value.isNumber()) {
            BATHY_TRY(const auto number, textOf(value, m_budget));
            m_out.append(number);
        } else
            return runError(std::string(value.typeName()) + " has no JSON");
        return {};
    }

    Result<void> elements(const List& list, int depth) {
        m_out.append("[");
        for (std::size_t i = 0; i < list.size(); ++i) {
            separate(i == 0, depth + 1);
            BATHY_CHECK(write(list[i], depth + 1));
        }
        close(list.empty(), depth, "]");
        return {};
    }
    Result<void> members(const Dict& dict, int depth) {
        m_out.append("{");
        for (std::size_t i = 0; i < dict.items.size(); ++i) {
            separate(i == 0, depth + 1);
            string(Text(dict.items[i].first));
            m_out.append(": ");
            BATHY_CHECK(write(dict.items[i].second, depth + 1));
        }
        close(dict.items.empty(), depth, "}");
        return {};
    }
    void separate(bool first, int depth) {
        if (!first)
            m_out.append(m_indent < 0 ? ", " : ",");
        newLine(depth);
    }
    void close(bool empty, int depth, std::string_view sign) {
        if (!empty)
            newLine(depth);
        m_out.append(sign);
    }
    void newLine(int depth) {
        if (m_indent >= 0)
            m_out.append("\n" + std::string(static_cast<std::size_t>(m_indent * depth), ' '));
    }

    void string(const Text& text) {
        m_out.append("\"");
        for (std::size_t i = 0; i < text.bytes.size(); ++i) {
            const char c = text.bytes[i];
            constexpr std::string_view kPlain = "\"\\\n\r\t\b\f";
            constexpr std::string_view kLetters = "\"\\nrtbf";
            constexpr std::string_view kDigits = "0123456789abcdef";
            if (const auto known = kPlain.find(c); known != std::string_view::npos)
                m_out.append(std::string{'\\', kLetters[known]}, text.sources[i]);
            else if (static_cast<unsigned char>(c) < 0x20)
                m_out.append(std::string("\\u00") + kDigits[static_cast<std::size_t>(c) >> 4U] +
                                 kDigits[static_cast<std::size_t>(c) & 15U],
                             text.sources[i]);
            else
                m_out.append(std::string_view(&c, 1), text.sources[i]);
        }
        m_out.append("\"");
    }

    int m_indent;
    Budget& m_budget;
    Text m_out;
};

} // namespace

Result<Text> json(const Value& value, int indent, Budget& budget) {
    return Writer(indent, budget).run(value);
}

} // namespace bathy::tokenizer::jinja
