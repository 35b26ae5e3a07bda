// Reads one expression from the tokens of a template. Private to the parser.
#pragma once

#include "engine/tokenizer/jinja/lexer.h"
#include "engine/tokenizer/jinja/syntax.h"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace bathy::tokenizer::jinja {

// A place in the tokens; the last one is End and is never passed.
class Cursor {
public:
    explicit Cursor(const std::vector<Token>& tokens) : m_tokens(tokens) {}

    const Token& now() const { return m_tokens[m_at]; }
    const Token& next() const { return m_tokens[m_at + 1 < m_tokens.size() ? m_at + 1 : m_at]; }
    int line() const { return now().line; }
    void advance() { m_at += m_at + 1 < m_tokens.size(); }
    bool is(TokenKind kind) const { return now().kind == kind; }
    bool isSign(std::string_view sign) const { return is(TokenKind::Sign) && now().text == sign; }
    bool isName(std::string_view name) const { return is(TokenKind::Name) && now().text == name; }
    // Passes the sign or name if it is there.
    bool takeSign(std::string_view sign);
    bool takeName(std::string_view name);
    // Errors: BadFile.
    Result<void> expectSign(std::string_view sign);
    Result<void> expectName(std::string_view name);
    Result<std::string> expectAnyName();

private:
    const std::vector<Token>& m_tokens;
    std::size_t m_at = 0;
};

class ExpressionParser {
public:
    explicit ExpressionParser(Cursor& cursor) : m_cursor(cursor) {}

    // With `choice`: also `a if b else c`.
    Result<ExpressionPtr> expression(bool choice = true);
    // a, b, c without brackets is a list.
    Result<ExpressionPtr> expressionOrList();

private:
    using Rule = Result<ExpressionPtr> (ExpressionParser::*)();
    Result<ExpressionPtr> binary(Rule part, std::initializer_list<std::string_view> signs);
    Result<ExpressionPtr> choice();
    Result<ExpressionPtr> either();
    Result<ExpressionPtr> both();
    Result<ExpressionPtr> negation();
    Result<ExpressionPtr> comparison();
    Result<ExpressionPtr> sum();
    Result<ExpressionPtr> joined();
    Result<ExpressionPtr> product();
    Result<ExpressionPtr> sign();
    Result<ExpressionPtr> primary();
    Result<ExpressionPtr> constant();
    Result<ExpressionPtr> brackets();
    Result<ExpressionPtr> braces();
    Result<ExpressionPtr> postfix(ExpressionPtr base, bool filters);
    Result<ExpressionPtr> subscript(ExpressionPtr base);
    Result<ExpressionPtr> filter(ExpressionPtr base);
    Result<ExpressionPtr> test(ExpressionPtr base);
    Result<void> arguments(Expression& call);

    ExpressionPtr make(Expression::Kind kind) const;
    // Counts its depth. Errors: BadFile (too deep).
    Result<ExpressionPtr> finished(ExpressionPtr expression) const;
    Result<ExpressionPtr> pair(Expression::Kind kind, std::string name, ExpressionPtr left, ExpressionPtr right) const;

    Cursor& m_cursor;
    int m_depth = 0;
};

} // namespace bathy::tokenizer::jinja
