// What templates can do with values: operators, filters, tests and the methods of strings and mappings. Functions of
// their arguments alone.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/jinja/budget.h"
#include "engine/tokenizer/jinja/value.h"

#include <string_view>
#include <utility>
#include <vector>

namespace bathy::tokenizer::jinja {

struct Arguments {
    List list;
    std::vector<std::pair<std::string, Value>> named;

    // By place or name; nullptr when it was not given.
    const Value* at(std::size_t index, std::string_view name) const;
};

// Errors of all: BadFile with what does not go together, or a limit.

// As str() of Python; lists and mappings have no text here.
Result<Text> textOf(const Value& value, Budget& budget);
Result<Value> binary(std::string_view sign, const Value& left, const Value& right, Budget& budget); // all but and, or
Result<Value> negative(const Value& value);
Result<Value> item(const Value& base, const Value& key);
Result<Value> slice(const Value& base, const Value& begin, const Value& end, const Value& step, Budget& budget);
// What a loop over the value goes through.
Result<List> elements(const Value& value, Budget& budget);

Result<Value> filter(std::string_view name, const Value& value, const Arguments& arguments, Budget& budget);
Result<bool> test(std::string_view name, const Value& value, const Arguments& arguments);
// Errors also: there is no such method.
Result<Value> method(std::string_view name, const Value& value, const Arguments& arguments, Budget& budget);

enum class Side : std::uint8_t { Both, Left, Right };
// Without these characters at the ends; nullptr: what Python takes for spaces.
Text stripped(const Text& text, Side side, const std::string* characters = nullptr);
Result<Text> replaced(const Text& text, const Value* from, const Value* to, Budget& budget);
// JSON as Hugging Face writes it; indent < 0: on one line.
Result<Text> json(const Value& value, int indent, Budget& budget);

} // namespace bathy::tokenizer::jinja
