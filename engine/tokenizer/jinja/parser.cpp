#include "engine/tokenizer/jinja/parser.h"

#include "engine/tokenizer/jinja/expression_parser.h"

#include <algorithm>
#include <initializer_list>

namespace bathy::tokenizer::jinja {
namespace {

using Kind = Statement::Kind;

class Parser {
public:
    explicit Parser(const std::vector<Token>& tokens) : m_cursor(tokens), m_expressions(m_cursor) {}

    Result<Block> run() {
        BATHY_TRY(auto block, blockUntil({}));
        return block;
    }

private:
    // Statements up to a tag with one of these names, which is left to the caller (its BlockBegin is passed).
    Result<Block> blockUntil(std::initializer_list<std::string_view> ends) {
        if (++m_nesting > kMostNesting)
            return syntaxError(m_cursor.line(),
                               "blocks are nested more than " + std::to_string(kMostNesting) + " deep");
        Block block;
        for (;;) {
            if (m_cursor.is(TokenKind::End)) {
                if (ends.size() > 0)
                    return syntaxError(m_cursor.line(), "expected " + std::string(*(ends.end() - 1)));
                break;
            }
            if (m_cursor.is(TokenKind::BlockBegin) && m_cursor.next().kind == TokenKind::Name &&
                std::find(ends.begin(), ends.end(), m_cursor.next().text) != ends.end()) {
                m_cursor.advance();
                break;
            }
            BATHY_CHECK(statement(block));
        }
        --m_nesting;
        return block;
    }

    Result<void> statement(Block& block) {
        Statement made;
        made.line = m_cursor.line();
        if (m_cursor.is(TokenKind::Plain)) {
            made.text = Text(m_cursor.now().text);
            m_cursor.advance();
        } else if (m_cursor.is(TokenKind::PrintBegin)) {
            m_cursor.advance();
            made.kind = Kind::Print;
            BATHY_TRY(made.expression, m_expressions.expressionOrList());
            BATHY_CHECK(expectEnd(TokenKind::PrintEnd));
        } else {
            m_cursor.advance(); // BlockBegin
            BATHY_TRY(const auto name, m_cursor.expectAnyName());
            if (name == "generation") { // marks what training counts
                BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
                BATHY_TRY(auto body, blockUntil({"endgeneration"}));
                std::move(body.begin(), body.end(), std::back_inserter(block));
                return endTag();
            }
            BATHY_CHECK(tag(name, made));
        }
        block.push_back(std::move(made));
        return {};
    }

    Result<void> expectEnd(TokenKind kind) {
        if (!m_cursor.is(kind))
            return syntaxError(m_cursor.line(), "expected the end of the tag");
        m_cursor.advance();
        return {};
    }
    // The name of a closing tag and its end.
    Result<void> endTag() {
        m_cursor.advance();
        return expectEnd(TokenKind::BlockEnd);
    }

    Result<void> tag(const std::string& name, Statement& made) {
        if (name == "if")
            return conditional(made);
        if (name == "for")
            return loop(made);
        if (name == "set")
            return assignment(made);
        if (name == "macro")
            return macro(made);
        if ((name == "break" || name == "continue") && m_loops > 0) {
            made.kind = name == "break" ? Kind::Break : Kind::Continue;
            return expectEnd(TokenKind::BlockEnd);
        }
        return Error(ErrorCode::Unsupported,
                     "the chat template, line " + std::to_string(made.line) + ": the tag " + name.substr(0, 40) +
                         " is not read here",
                     "if, for, set, macro, break, continue and generation are");
    }

    Result<void> conditional(Statement& made) {
        made.kind = Kind::If;
        BATHY_TRY(auto condition, m_expressions.expression());
        for (;;) {
            BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
            const bool last = !condition;
            BATHY_TRY(auto body, last ? blockUntil({"endif"}) : blockUntil({"elif", "else", "endif"}));
            made.branches.push_back({std::move(condition), std::move(body)});
            if (m_cursor.takeName("elif")) {
                BATHY_TRY(condition, m_expressions.expression());
            } else if (!m_cursor.takeName("else")) {
                return endTag();
            }
        }
    }

    Result<void> names(Statement& made) {
        do {
            BATHY_TRY(auto name, m_cursor.expectAnyName());
            made.names.push_back(std::move(name));
        } while (m_cursor.takeSign(","));
        return {};
    }

    Result<void> loop(Statement& made) {
        made.kind = Kind::For;
        const bool bracket = m_cursor.takeSign("(");
        BATHY_CHECK(names(made));
        if (bracket)
            BATHY_CHECK(m_cursor.expectSign(")"));
        BATHY_CHECK(m_cursor.expectName("in"));
        BATHY_TRY(made.expression, m_expressions.expression(false));
        if (m_cursor.takeName("if")) {
            BATHY_TRY(made.condition, m_expressions.expression());
        }
        BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
        ++m_loops;
        BATHY_TRY(auto body, blockUntil({"else", "endfor"}));
        --m_loops;
        made.branches.push_back({nullptr, std::move(body)});
        if (m_cursor.takeName("else")) {
            BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
            BATHY_TRY(auto nothing, blockUntil({"endfor"}));
            made.branches.push_back({nullptr, std::move(nothing)});
        }
        return endTag();
    }

    Result<void> assignment(Statement& made) {
        made.kind = Kind::Set;
        BATHY_CHECK(names(made));
        if (made.names.size() == 1 && m_cursor.takeSign(".")) {
            made.kind = Kind::SetField;
            BATHY_TRY(auto field, m_cursor.expectAnyName());
            made.names.push_back(std::move(field));
        }
        if (m_cursor.takeSign("=")) {
            BATHY_TRY(made.expression, m_expressions.expressionOrList());
            return expectEnd(TokenKind::BlockEnd);
        }
        if (made.kind == Kind::SetField || made.names.size() != 1)
            return syntaxError(made.line, "expected =");
        made.kind = Kind::SetBlock;
        BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
        BATHY_TRY(auto body, blockUntil({"endset"}));
        made.branches.push_back({nullptr, std::move(body)});
        return endTag();
    }

    Result<void> macro(Statement& made) {
        made.kind = Kind::Define;
        made.macro = std::make_unique<Macro>();
        BATHY_TRY(made.macro->name, m_cursor.expectAnyName());
        BATHY_CHECK(m_cursor.expectSign("("));
        while (!m_cursor.isSign(")")) {
            BATHY_TRY(auto name, m_cursor.expectAnyName());
            ExpressionPtr otherwise;
            if (m_cursor.takeSign("=")) {
                BATHY_TRY(otherwise, m_expressions.expression());
            }
            made.macro->parameters.emplace_back(std::move(name), std::move(otherwise));
            if (!m_cursor.takeSign(","))
                break;
        }
        BATHY_CHECK(m_cursor.expectSign(")"));
        BATHY_CHECK(expectEnd(TokenKind::BlockEnd));
        const auto loops = std::exchange(m_loops, 0);
        BATHY_TRY(made.macro->body, blockUntil({"endmacro"}));
        m_loops = loops;
        return endTag();
    }

    Cursor m_cursor;
    ExpressionParser m_expressions;
    int m_nesting = 0;
    int m_loops = 0;
};

} // namespace

Result<Block> parse(std::string_view source) {
    BATHY_TRY(const auto list, tokens(source));
    return Parser(list).run();
}

} // namespace bathy::tokenizer::jinja
