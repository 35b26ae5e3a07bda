// The syntax tree of a chat template. Plain values; made by the parser, walked by the interpreter.
#pragma once

#include "engine/tokenizer/jinja/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bathy::tokenizer::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
    enum class Kind : std::uint8_t {
        Constant,
        Name,      // `name`
        ListOf,    // parts
        DictOf,    // parts: key, value, key, value
        Attribute, // parts[0] . name
        Item,      // parts[0] [ parts[1] ]
        Slice,     // parts[0] [ parts[1] : parts[2] : parts[3] ]; missing ones are null
        Call,      // parts[0] ( parts[1..], named )
        Filter,    // parts[0] | name ( parts[1..], named )
        Test,      // parts[0] is name ( parts[1..] )
        Unary,     // name parts[0]
        Binary,    // parts[0] name parts[1]
        Choice,    // parts[0] if parts[1] else parts[2]; the last may be null
    };
    Kind kind = Kind::Constant;
    int line = 1;
    int depth = 1;
    std::string name;
    Value constant;
    std::vector<ExpressionPtr> parts;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
};

struct Statement;
using Block = std::vector<Statement>;

struct Macro {
    std::string name;
    std::vector<std::pair<std::string, ExpressionPtr>> parameters; // with their defaults, which may be null
    Block body;
};

struct Statement {
    enum class Kind : std::uint8_t {
        Plain,    // text
        Print,    // expression
        If,       // branches; the last one may have no condition
        For,      // names in expression, if condition; branches[0] the body, branches[1] where nothing was
        Set,      // names = expression
        SetBlock, // names[0] = output of branches[0]
        SetField, // names[0] . names[1] = expression
        Define,   // macro
        Break,
        Continue,
    };
    struct Branch {
        ExpressionPtr condition;
        Block body;
    };
    Kind kind = Kind::Plain;
    int line = 1;
    Text text;
    std::vector<std::string> names;
    ExpressionPtr expression;
    ExpressionPtr condition;
    std::vector<Branch> branches;
    std::unique_ptr<Macro> macro;
};

} // namespace bathy::tokenizer::jinja
