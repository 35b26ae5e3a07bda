#include "engine/tokenizer/jinja/expression_parser.h"

#include "engine/tokenizer/jinja/parser.h"

#include <algorithm>
#include <charconv>

namespace bathy::tokenizer::jinja {

using Kind = Expression::Kind;

bool Cursor::takeSign(std::string_view sign) {
    if (!isSign(sign))
        return false;
    advance();
    return true;
}

bool Cursor::takeName(std::string_view name) {
    if (!isName(name))
        return false;
    advance();
    return true;
}

Result<void> Cursor::expectSign(std::string_view sign) {
    if (takeSign(sign))
        return {};
    return syntaxError(line(), "expected " + std::string(sign));
}

Result<void> Cursor::expectName(std::string_view name) {
    if (takeName(name))
        return {};
    return syntaxError(line(), "expected " + std::string(name));
}

Result<std::string> Cursor::expectAnyName() {
    if (!is(TokenKind::Name))
        return syntaxError(line(), "expected a name");
    auto name = now().text;
    advance();
    return name;
}

ExpressionPtr ExpressionParser::make(Kind kind) const {
    auto expression = std::make_unique<Expression>();
    expression->kind = kind;
    expression->line = m_cursor.line();
    return expression;
}

Result<ExpressionPtr> ExpressionParser::finished(ExpressionPtr expression) const {
    int deepest = 0;
    for (const auto& part : expression->parts)
        deepest = std::max(deepest, part ? part->depth : 0);
    for (const auto& [name, part] : expression->named)
        deepest = std::max(deepest, part->depth);
    expression->depth = deepest + 1;
    if (expression->depth > kDeepestExpression)
        return syntaxError(expression->line,
                           "an expression has more than " + std::to_string(kDeepestExpression) + " levels");
    return expression;
}

Result<ExpressionPtr> ExpressionParser::pair(Kind kind, std::string name, ExpressionPtr left,
                                             ExpressionPtr right) const {
    auto expression = make(kind);
    expression->name = std::move(name);
    expression->parts.push_back(std::move(left));
    expression->parts.push_back(std::move(right));
    return finished(std::move(expression));
}

Result<ExpressionPtr> ExpressionParser::expression(bool choices) {
    if (++m_depth > kMostNesting)
        return syntaxError(m_cursor.line(), "brackets are nested more than " + std::to_string(kMostNesting) + " deep");
    auto result = choices ? choice() : either();
    --m_depth;
    return result;
}

Result<ExpressionPtr> ExpressionParser::expressionOrList() {
    BATHY_TRY(auto first, expression());
    if (!m_cursor.isSign(","))
        return first;
    auto list = make(Kind::ListOf);
    list->parts.push_back(std::move(first));
    while (m_cursor.takeSign(",")) {
        if (m_cursor.is(TokenKind::BlockEnd) || m_cursor.is(TokenKind::PrintEnd))
            break;
        BATHY_TRY(auto part, expression());
        list->parts.push_back(std::move(part));
    }
    return finished(std::move(list));
}

Result<ExpressionPtr> ExpressionParser::choice() {
    BATHY_TRY(auto value, either());
    while (m_cursor.takeName("if")) {
        auto chosen = make(Kind::Choice);
        chosen->parts.push_back(std::move(value));
        BATHY_TRY(auto condition, either());
        chosen->parts.push_back(std::move(condition));
        ExpressionPtr otherwise;
        if (m_cursor.takeName("else")) {
            BATHY_TRY(otherwise, expression());
        }
        chosen->parts.push_back(std::move(otherwise));
        BATHY_TRY(value, finished(std::move(chosen)));
    }
    return value;
}

Result<ExpressionPtr> ExpressionParser::binary(Rule part, std::initializer_list<std::string_view> signs) {
    BATHY_TRY(auto left, (this->*part)());
    for (;;) {
        const auto& token = m_cursor.now();
        if ((token.kind != TokenKind::Sign && token.kind != TokenKind::Name) ||
            std::find(signs.begin(), signs.end(), token.text) == signs.end())
            return left;
        const auto name = token.text;
        m_cursor.advance();
        BATHY_TRY(auto right, (this->*part)());
        BATHY_TRY(left, pair(Kind::Binary, name, std::move(left), std::move(right)));
    }
}

Result<ExpressionPtr> ExpressionParser::either() {
    return binary(&ExpressionParser::both, {"or"});
}
Result<ExpressionPtr> ExpressionParser::both() {
    return binary(&ExpressionParser::negation, {"and"});
}

Result<ExpressionPtr> ExpressionParser::negation() {
    int count = 0;
    while (m_cursor.takeName("not"))
        if (++count > kMostNesting)
            return syntaxError(m_cursor.line(), "too many negations");
    BATHY_TRY(auto value, comparison());
    for (; count > 0; --count) {
        auto negated = make(Kind::Unary);
        negated->name = "not";
        negated->parts.push_back(std::move(value));
        BATHY_TRY(value, finished(std::move(negated)));
    }
    return value;
}

Result<ExpressionPtr> ExpressionParser::comparison() {
    BATHY_TRY(auto left, sum());
    bool compared = false;
    for (;;) {
        std::string name = m_cursor.now().text;
        const bool notIn =
            m_cursor.isName("not") && m_cursor.next().kind == TokenKind::Name && m_cursor.next().text == "in";
        if (notIn)
            name = "not in";
        else if (!m_cursor.isName("in") && !m_cursor.isSign("==") && !m_cursor.isSign("!=") && !m_cursor.isSign("<") &&
                 !m_cursor.isSign("<=") && !m_cursor.isSign(">") && !m_cursor.isSign(">="))
            return left;
        if (compared)
            return syntaxError(m_cursor.line(), "comparisons in a chain are not read here");
        compared = true;
        m_cursor.advance();
        if (notIn)
            m_cursor.advance();
        BATHY_TRY(auto right, sum());
        BATHY_TRY(left, pair(Kind::Binary, std::move(name), std::move(left), std::move(right)));
    }
}

Result<ExpressionPtr> ExpressionParser::sum() {
    return binary(&ExpressionParser::joined, {"+", "-"});
}
Result<ExpressionPtr> ExpressionParser::joined() {
    return binary(&ExpressionParser::product, {"~"});
}
Result<ExpressionPtr> ExpressionParser::product() {
    return binary(&ExpressionParser::sign, {"*", "/", "//", "%"});
}

Result<ExpressionPtr> ExpressionParser::sign() {
    if (!m_cursor.isSign("-") && !m_cursor.isSign("+")) {
        BATHY_TRY(auto base, primary());
        return postfix(std::move(base), true);
    }
    auto signedValue = make(Kind::Unary);
    signedValue->name = m_cursor.now().text;
    m_cursor.advance();
    BATHY_TRY(auto base, primary());
    BATHY_TRY(auto value, postfix(std::move(base), false));
    signedValue->parts.push_back(std::move(value));
    BATHY_TRY(auto result, finished(std::move(signedValue)));
    return postfix(std::move(result), true);
}

Result<ExpressionPtr> ExpressionParser::constant() {
    const auto& token = m_cursor.now();
    auto value = make(Kind::Constant);
    if (token.kind == TokenKind::Integer) {
        std::int64_t whole = 0;
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), whole);
        value->constant = Value(whole);
    } else if (token.kind == TokenKind::Real) {
        double real = 0;
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), real);
        value->constant = Value(real);
    } else if (token.kind == TokenKind::String) {
        Text text;
        for (; m_cursor.is(TokenKind::String); m_cursor.advance()) // neighbours are one string
            text.append(m_cursor.now().text);
        value->constant = Value(std::move(text));
        return value;
    } else if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
        value->constant = Value(token.text == "true" || token.text == "True");
    } else {
        value->constant = Value(Value::None{});
    }
    m_cursor.advance();
    return value;
}

Result<ExpressionPtr> ExpressionParser::primary() {
    constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none", "None"};
    constexpr std::string_view kReserved[] = {"if", "else", "for", "in", "is", "and", "or", "not"};
    const auto& token = m_cursor.now();
    const auto isOneOf = [&](const auto& names) {
        return std::find(std::begin(names), std::end(names), token.text) != std::end(names);
    };
    switch (token.kind) {
    case TokenKind::Integer:
    case TokenKind::Real:
    case TokenKind::String:
        return constant();
    case TokenKind::Name: {
        if (isOneOf(kConstants))
            return constant();
        if (isOneOf(kReserved))
            return syntaxError(token.line, "a value is missing before " + token.text);
        auto name = make(Kind::Name);
        name->name = token.text;
        m_cursor.advance();
        return name;
    }
    case TokenKind::Sign:
        if (token.text == "(" || token.text == "[")
            return brackets();
        if (token.text == "{")
            return braces();
        break;
    default:
        break;
    }
    return syntaxError(token.line, "a value is missing");
}

Result<ExpressionPtr> ExpressionParser::brackets() {
    const bool round = m_cursor.isSign("(");
    const char* const end = round ? ")" : "]";
    m_cursor.advance();
    auto list = make(Kind::ListOf);
    bool comma = false;
    while (!m_cursor.isSign(end)) {
        BATHY_TRY(auto part, expression());
        list->parts.push_back(std::move(part));
        comma = m_cursor.takeSign(",");
        if (!comma)
            break;
    }
    BATHY_CHECK(m_cursor.expectSign(end));
    if (round && !comma && list->parts.size() == 1)
        return std::move(list->parts.front());
    return finished(std::move(list));
}

Result<ExpressionPtr> ExpressionParser::braces() {
    m_cursor.advance();
    auto dict = make(Kind::DictOf);
    while (!m_cursor.isSign("}")) {
        BATHY_TRY(auto key, expression());
        BATHY_CHECK(m_cursor.expectSign(":"));
        BATHY_TRY(auto value, expression());
        dict->parts.push_back(std::move(key));
        dict->parts.push_back(std::move(value));
        if (!m_cursor.takeSign(","))
            break;
    }
    BATHY_CHECK(m_cursor.expectSign("}"));
    return finished(std::move(dict));
}

Result<ExpressionPtr> ExpressionParser::postfix(ExpressionPtr base, bool filters) {
    for (;;) {
        if (m_cursor.takeSign(".")) {
            auto attribute = make(Kind::Attribute);
            if (m_cursor.is(TokenKind::Integer)) {
                BATHY_TRY(auto index, constant());
                BATHY_TRY(base, pair(Kind::Item, "", std::move(base), std::move(index)));
                continue;
            }
            BATHY_TRY(attribute->name, m_cursor.expectAnyName());
            attribute->parts.push_back(std::move(base));
            BATHY_TRY(base, finished(std::move(attribute)));
        } else if (m_cursor.isSign("[")) {
            BATHY_TRY(base, subscript(std::move(base)));
        } else if (m_cursor.isSign("(")) {
            auto call = make(Kind::Call);
            call->parts.push_back(std::move(base));
            BATHY_CHECK(arguments(*call));
            BATHY_TRY(base, finished(std::move(call)));
        } else if (filters && m_cursor.isSign("|")) {
            BATHY_TRY(base, filter(std::move(base)));
        } else if (filters && m_cursor.isName("is")) {
            BATHY_TRY(base, test(std::move(base)));
        } else {
            return base;
        }
    }
}

Result<ExpressionPtr> ExpressionParser::subscript(ExpressionPtr base) {
    m_cursor.advance();
    std::vector<ExpressionPtr> bounds(1);
    for (;;) {
        if (m_cursor.takeSign(":")) {
            bounds.emplace_back();
            continue;
        }
        if (m_cursor.takeSign("]"))
            break;
        if (bounds.back())
            return syntaxError(m_cursor.line(), "expected ]");
        BATHY_TRY(bounds.back(), expression());
    }
    if (bounds.size() > 3 || (bounds.size() == 1 && !bounds.front()))
        return syntaxError(m_cursor.line(), "no such part of a list");
    if (bounds.size() == 1)
        return pair(Kind::Item, "", std::move(base), std::move(bounds.front()));
    bounds.resize(3);
    auto slice = make(Kind::Slice);
    slice->parts.push_back(std::move(base));
    std::move(bounds.begin(), bounds.end(), std::back_inserter(slice->parts));
    return finished(std::move(slice));
}

Result<ExpressionPtr> ExpressionParser::filter(ExpressionPtr base) {
    m_cursor.advance();
    auto filtered = make(Kind::Filter);
    BATHY_TRY(filtered->name, m_cursor.expectAnyName());
    filtered->parts.push_back(std::move(base));
    if (m_cursor.isSign("("))
        BATHY_CHECK(arguments(*filtered));
    return finished(std::move(filtered));
}

Result<ExpressionPtr> ExpressionParser::test(ExpressionPtr base) {
    m_cursor.advance();
    const bool negated = m_cursor.takeName("not");
    auto tested = make(Kind::Test);
    BATHY_TRY(tested->name, m_cursor.expectAnyName());
    tested->parts.push_back(std::move(base));
    if (m_cursor.isSign("(")) {
        BATHY_CHECK(arguments(*tested));
    } else if (m_cursor.is(TokenKind::String) || m_cursor.is(TokenKind::Integer)) { // "is equalto 3"
        BATHY_TRY(auto argument, constant());
        tested->parts.push_back(std::move(argument));
    }
    BATHY_TRY(auto result, finished(std::move(tested)));
    if (!negated)
        return result;
    auto opposite = make(Kind::Unary);
    opposite->name = "not";
    opposite->parts.push_back(std::move(result));
    return finished(std::move(opposite));
}

Result<void> ExpressionParser::arguments(Expression& call) {
    BATHY_CHECK(m_cursor.expectSign("("));
    while (!m_cursor.isSign(")")) {
        if (m_cursor.is(TokenKind::Name) && m_cursor.next().kind == TokenKind::Sign && m_cursor.next().text == "=") {
            const auto name = m_cursor.now().text;
            m_cursor.advance();
            m_cursor.advance();
            BATHY_TRY(auto value, expression());
            call.named.emplace_back(name, std::move(value));
        } else {
            if (!call.named.empty())
                return syntaxError(m_cursor.line(), "an argument without a name follows one with a name");
            BATHY_TRY(auto value, expression());
            call.parts.push_back(std::move(value));
        }
        if (!m_cursor.takeSign(","))
            break;
    }
    return m_cursor.expectSign(")");
}

} // namespace bathy::tokenizer::jinja
