#include "engine/tokenizer/jinja/interpreter.h"

#include <algorithm>

namespace bathy::tokenizer::jinja {

using Kind = Statement::Kind;

Interpreter::Interpreter(const Inputs& inputs, const Limits& limits)
    : m_inputs(inputs), m_budget(limits), m_begins(inputs.messages, std::string::npos) {
    auto& top = m_scopes.front();
    top["namespace"] = Value(Global::Namespace);
    top["range"] = Value(Global::Range);
    top["raise_exception"] = Value(Global::Raise);
    top["strftime_now"] = Value(Global::Now);
    for (const auto& [name, value] : inputs.names.items)
        top[name] = value;
}

Result<void> Interpreter::run(const Block& program) {
    BATHY_CHECK(block(program));
    return {};
}

Result<Interpreter::Flow> Interpreter::block(const Block& statements) {
    if (++m_depth > m_budget.limits().depth)
        return runError("more than " + std::to_string(m_budget.limits().depth) + " levels run inside of each other");
    auto flow = Flow::On;
    for (const auto& one : statements) {
        BATHY_CHECK(m_budget.spend());
        BATHY_TRY(flow, statement(one));
        if (flow != Flow::On)
            break;
    }
    --m_depth;
    return flow;
}

Result<Interpreter::Flow> Interpreter::statement(const Statement& statement) {
    switch (statement.kind) {
    case Kind::Plain:
        BATHY_CHECK(write(statement.text));
        return Flow::On;
    case Kind::Print: {
        BATHY_TRY(const auto value, evaluate(*statement.expression));
        BATHY_TRY(const auto text, textOf(value, m_budget));
        BATHY_CHECK(write(text));
        return Flow::On;
    }
    case Kind::If:
        return conditional(statement);
    case Kind::For:
        return loop(statement);
    case Kind::Set: {
        BATHY_TRY(auto value, evaluate(*statement.expression));
        BATHY_CHECK(assign(statement.names, std::move(value)));
        return Flow::On;
    }
    case Kind::SetBlock: {
        BATHY_TRY(auto text, captured(statement.branches[0].body));
        m_scopes.back()[statement.names[0]] = Value(std::move(text));
        return Flow::On;
    }
    case Kind::SetField:
        BATHY_CHECK(setField(statement));
        return Flow::On;
    case Kind::Define:
        m_scopes.back()[statement.macro->name] = Value(statement.macro.get());
        return Flow::On;
    case Kind::Break:
        return Flow::Break;
    case Kind::Continue:
        return Flow::Continue;
    }
    return Flow::On;
}

Result<Interpreter::Flow> Interpreter::conditional(const Statement& statement) {
    for (const auto& branch : statement.branches) {
        bool taken = true;
        if (branch.condition) {
            BATHY_TRY(const auto value, evaluate(*branch.condition));
            taken = value.truth();
        }
        if (taken)
            return block(branch.body);
    }
    return Flow::On;
}

Result<List> Interpreter::loopItems(const Statement& statement) {
    BATHY_TRY(const auto over, evaluate(*statement.expression));
    BATHY_TRY(auto items, elements(over, m_budget));
    if (!statement.condition)
        return items;
    List chosen;
    for (auto& item : items) {
        BATHY_CHECK(assign(statement.names, item));
        BATHY_TRY(const auto fits, evaluate(*statement.condition));
        if (fits.truth())
            chosen.push_back(std::move(item));
    }
    return chosen;
}

Result<Interpreter::Flow> Interpreter::loop(const Statement& statement) {
    m_scopes.emplace_back();
    BATHY_TRY(const auto items, loopItems(statement));
    const auto count = static_cast<std::int64_t>(items.size());
    for (std::int64_t i = 0; i < count; ++i) {
        BATHY_CHECK(m_budget.spend());
        m_scopes.back().clear(); // what a turn sets is gone in the next
        const auto& item = items[static_cast<std::size_t>(i)];
        BATHY_CHECK(assign(statement.names, item));
        Dict loop;
        loop.items = {{"index", Value(i + 1)},
                      {"index0", Value(i)},
                      {"revindex", Value(count - i)},
                      {"revindex0", Value(count - i - 1)},
                      {"first", Value(i == 0)},
                      {"last", Value(i + 1 == count)},
                      {"length", Value(count)},
                      {"previtem", i > 0 ? items[static_cast<std::size_t>(i - 1)] : Value()},
                      {"nextitem", i + 1 < count ? items[static_cast<std::size_t>(i + 1)] : Value()}};
        m_scopes.back()["loop"] = Value(std::move(loop));
        const auto before = m_output.bytes.size();
        BATHY_TRY(const auto flow, block(statement.branches[0].body));
        began(item, before);
        if (flow == Flow::Break)
            break;
    }
    m_scopes.pop_back();
    if (items.empty() && statement.branches.size() > 1)
        return block(statement.branches[1].body);
    return Flow::On;
}

void Interpreter::began(const Value& element, std::size_t at) {
    const auto message = element.dict() ? element.dict()->message : Source{0};
    if (m_capturing || message == 0 || message > m_begins.size() || m_output.bytes.size() == at)
        return;
    auto& begin = m_begins[message - 1U];
    begin = std::min(begin, at);
}

Result<void> Interpreter::assign(const std::vector<std::string>& names, Value value) {
    auto& scope = m_scopes.back();
    if (names.size() == 1) {
        scope[names[0]] = std::move(value);
        return {};
    }
    if (!value.list() || value.list()->size() != names.size())
        return runError(std::string(value.typeName()) + " cannot be taken apart into " + std::to_string(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i)
        scope[names[i]] = (*value.list())[i];
    return {};
}

Result<void> Interpreter::setField(const Statement& statement) {
    BATHY_TRY(const auto target, lookUp(statement.names[0]));
    if (!target.space())
        return runError(statement.names[0] + " is " + std::string(target.typeName()) +
                        ", only a namespace has parts that change");
    BATHY_TRY(auto value, evaluate(*statement.expression));
    if (value.space()) // would hold itself
        return runError("a namespace cannot be kept in another");
    target.space()->set(statement.names[1], std::move(value));
    return {};
}

Result<void> Interpreter::write(const Text& text) {
    BATHY_CHECK(m_budget.produce(text.bytes.size()));
    m_output.append(text);
    if (m_output.bytes.size() > static_cast<std::size_t>(m_budget.limits().outputBytes))
        return runError("it writes more than " + std::to_string(m_budget.limits().outputBytes) + " bytes");
    return {};
}

Result<Text> Interpreter::captured(const Block& body) {
    auto outside = std::exchange(m_output, {});
    const bool capturing = std::exchange(m_capturing, true);
    m_scopes.emplace_back();
    BATHY_CHECK(block(body));
    m_scopes.pop_back();
    m_capturing = capturing;
    return std::exchange(m_output, std::move(outside));
}

} // namespace bathy::tokenizer::jinja
