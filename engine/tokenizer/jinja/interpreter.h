// Walks the syntax tree of a chat template. Private to Template.
#pragma once

#include "engine/tokenizer/jinja/functions.h"
#include "engine/tokenizer/jinja/syntax.h"
#include "engine/tokenizer/jinja/template.h"

#include <unordered_map>

namespace bathy::tokenizer::jinja {

class Interpreter {
public:
    Interpreter(const Inputs& inputs, const Limits& limits);

    Result<void> run(const Block& block);
    Text takeOutput() { return std::move(m_output); }
    std::vector<std::size_t> takeBegins() { return std::move(m_begins); }

private:
    enum class Flow : std::uint8_t { On, Break, Continue };
    using Scope = std::unordered_map<std::string, Value>;

    Result<Flow> block(const Block& block);
    Result<Flow> statement(const Statement& statement);
    Result<Flow> conditional(const Statement& statement);
    Result<Flow> loop(const Statement& statement);
    Result<List> loopItems(const Statement& statement);
    Result<void> assign(const std::vector<std::string>& names, Value value);
    Result<void> setField(const Statement& statement);
    Result<void> write(const Text& text);
    // What `body` writes, instead of writing it. With a scope of its own.
    Result<Text> captured(const Block& body);
    void began(const Value& element, std::size_t at);

    Result<Value> evaluate(const Expression& expression);
    Result<Value> dispatch(const Expression& expression);
    Result<Value> lookUp(const std::string& name) const;
    Result<Value> listOf(const Expression& expression);
    Result<Value> dictOf(const Expression& expression);
    Result<Value> attribute(const Expression& expression);
    Result<Value> unary(const Expression& expression);
    Result<Value> binaryOf(const Expression& expression);
    Result<Value> choice(const Expression& expression);
    Result<Value> sliceOf(const Expression& expression);
    Result<Value> filtered(const Expression& expression);
    Result<Value> call(const Expression& expression);
    Result<Arguments> arguments(const Expression& expression);
    Result<Value> callMacro(const Macro& macro, const Arguments& arguments);
    Result<Value> callGlobal(Global global, const Arguments& arguments);
    Result<Value> range(const Arguments& arguments);
    Result<Value> now(const Arguments& arguments);

    const Inputs& m_inputs;
    Budget m_budget;
    std::vector<Scope> m_scopes{1};
    std::size_t m_lowest = 0; // scopes below are those of a macro's caller, except for the first
    int m_depth = 0;
    Text m_output;
    std::vector<std::size_t> m_begins;
    bool m_capturing = false;
};

} // namespace bathy::tokenizer::jinja
