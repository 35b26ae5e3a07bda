// Filters (value | name) and tests (value is name).
#include "engine/tokenizer/jinja/functions.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bathy::tokenizer::jinja {
namespace {

using Function = Result<Value> (*)(const Value&, const Arguments&, Budget&);

Result<Value> length(const Value& value, const Arguments&, Budget& budget) {
    if (const auto* text = value.text()) {
        BATHY_CHECK(budget.produce(text->bytes.size()));
        return Value(static_cast<std::int64_t>(characterStarts(text->bytes).size() - 1));
    }
    if (value.isUndefined())
        return Value(std::int64_t{0});
    if (!value.list() && !value.dict())
        return runError(std::string(value.typeName()) + " has no length");
    return Value(static_cast<std::int64_t>(value.list() ? value.list()->size() : value.dict()->items.size()));
}

Result<Value> trimmed(const Value& value, const Arguments& arguments, Budget& budget) {
    BATHY_TRY(const auto text, textOf(value, budget));
    const auto* characters = arguments.at(0, "chars");
    if (!characters || characters->isNone())
        return Value(stripped(text, Side::Both));
    if (!characters->text())
        return runError("trim takes a string");
    return Value(stripped(text, Side::Both, &characters->text()->bytes));
}

Result<Value> byMethod(const char* name, const Value& value, const Arguments& arguments, Budget& budget) {
    BATHY_TRY(auto text, textOf(value, budget));
    return method(name, Value(std::move(text)), arguments, budget);
}

Result<Value> toJson(const Value& value, const Arguments& arguments, Budget& budget) {
    const auto* indent = arguments.at(0, "indent");
    constexpr std::int64_t kMostIndent = 16;
    const auto spaces = indent && indent->integer() ? std::clamp<std::int64_t>(*indent->integer(), 0, kMostIndent) : -1;
    BATHY_TRY(auto text, json(value, static_cast<int>(spaces), budget));
    return Value(std::move(text));
}

Result<Value> otherwise(const Value& value, const Arguments& arguments, Budget&) {
    const auto* given = arguments.at(0, "default_value");
    const auto* boolean = arguments.at(1, "boolean");
    const bool missing = value.isUndefined() || (boolean && boolean->truth() && !value.truth());
    return missing ? (given ? *given : Value(Text())) : value;
}

Result<Value> join(const Value& value, const Arguments& arguments, Budget& budget) {
    BATHY_TRY(const auto list, elements(value, budget));
    const auto* between = arguments.at(0, "d");
    Text result;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0 && between && between->text())
            result.append(*between->text());
        BATHY_TRY(const auto part, textOf(list[i], budget));
        result.append(part);
        BATHY_CHECK(budget.produce(result.bytes.size() / list.size()));
    }
    BATHY_CHECK(budget.produce(result.bytes.size()));
    return Value(std::move(result));
}

Result<Value> end(const Value& value, bool first, Budget& budget) {
    BATHY_TRY(const auto list, elements(value, budget));
    return list.empty() ? Value() : first ? list.front() : list.back();
}

Result<Value> toInteger(const Value& value, const Arguments&, Budget&) {
    constexpr double kMost = 9e18;
    if (value.real() && (*value.real() > -kMost && *value.real() < kMost))
        return Value(static_cast<std::int64_t>(*value.real()));
    if (value.boolean())
        return Value(std::int64_t{*value.boolean()});
    std::int64_t whole = 0;
    if (const auto* text = value.text())
        std::from_chars(text->bytes.data(), text->bytes.data() + text->bytes.size(), whole);
    return value.integer() ? value : Value(whole);
}

// map(attribute="x"), or map("filter").
Result<Value> map(const Value& value, const Arguments& arguments, Budget& budget) {
    BATHY_TRY(auto list, elements(value, budget));
    const auto* attribute = arguments.at(SIZE_MAX, "attribute");
    const auto* name = arguments.at(0, "");
    if (!attribute && !(name && name->text()))
        return runError("map needs an attribute or a filter");
    for (auto& one : list) {
        auto made = attribute ? item(one, *attribute) : filter(name->text()->bytes, one, {}, budget);
        BATHY_TRY(one, std::move(made));
    }
    return Value(std::move(list));
}

// selectattr("x", "equalto", y) and its opposite; without a test what is true counts.
Result<Value> select(const Value& value, const Arguments& arguments, bool wanted, Budget& budget) {
    BATHY_TRY(const auto list, elements(value, budget));
    if (arguments.list.empty())
        return runError("selectattr and rejectattr need an attribute");
    Arguments rest;
    if (arguments.list.size() > 2)
        rest.list.assign(arguments.list.begin() + 2, arguments.list.end());
    List chosen;
    for (const auto& one : list) {
        BATHY_TRY(const auto part, item(one, arguments.list[0]));
        bool fits = part.truth();
        if (arguments.list.size() > 1) {
            if (!arguments.list[1].text())
                return runError("the name of a test is no string");
            BATHY_TRY(fits, test(arguments.list[1].text()->bytes, part, rest));
        }
        if (fits == wanted)
            chosen.push_back(one);
    }
    return Value(std::move(chosen));
}

struct Named {
    std::string_view name;
    Function function;
};

constexpr std::array kFilters{
    Named{"trim", trimmed},
    Named{"length", length},
    Named{"count", length},
    Named{"tojson", toJson},
    Named{"default", otherwise},
    Named{"d", otherwise},
    Named{"join", join},
    Named{"int", toInteger},
    Named{"map", map},
    Named{"first", [](const Value& v, const Arguments&, Budget& b) { return end(v, true, b); }},
    Named{"last", [](const Value& v, const Arguments&, Budget& b) { return end(v, false, b); }},
    Named{"selectattr", [](const Value& v, const Arguments& a, Budget& b) { return select(v, a, true, b); }},
    Named{"rejectattr", [](const Value& v, const Arguments& a, Budget& b) { return select(v, a, false, b); }},
    Named{"upper", [](const Value& v, const Arguments& a, Budget& b) { return byMethod("upper", v, a, b); }},
    Named{"lower", [](const Value& v, const Arguments& a, Budget& b) { return byMethod("lower", v, a, b); }},
    Named{"title", [](const Value& v, const Arguments& a, Budget& b) { return byMethod("title", v, a, b); }},
    Named{"capitalize", [](const Value& v, const Arguments& a, Budget& b) { return byMethod("capitalize", v, a, b); }},
    Named{"replace", [](const Value& v, const Arguments& a, Budget& b) { return byMethod("replace", v, a, b); }},
    Named{"safe", [](const Value& v, const Arguments&, Budget&) -> Result<Value> { return v; }},
    Named{"list",
          [](const Value& v, const Arguments&, Budget& b) -> Result<Value> {
              BATHY_TRY(auto list, elements(v, b));
              return Value(std::move(list));
          }},
    Named{"items",
          [](const Value& v, const Arguments& a, Budget& b) -> Result<Value> {
              return v.isUndefined() ? Result<Value>(Value(List())) : method("items", v, a, b);
          }},
    Named{"string",
          [](const Value& v, const Arguments&, Budget& b) -> Result<Value> {
              BATHY_TRY(auto text, textOf(v, b));
              return Value(std::move(text));
          }},
};

struct NamedTest {
    std::string_view name;
    bool (*function)(const Value&, const Value*);
};

constexpr std::array kTests{
    NamedTest{"defined", [](const Value& v, const Value*) { return !v.isUndefined(); }},
    NamedTest{"undefined", [](const Value& v, const Value*) { return v.isUndefined(); }},
    NamedTest{"none", [](const Value& v, const Value*) { return v.isNone(); }},
    NamedTest{"string", [](const Value& v, const Value*) { return v.text() != nullptr; }},
    NamedTest{"mapping", [](const Value& v, const Value*) { return v.dict() && !v.space(); }},
    NamedTest{"iterable",
              [](const Value& v, const Value*) { return v.text() || v.list() || (v.dict() && !v.space()); }},
    NamedTest{"sequence",
              [](const Value& v, const Value*) { return v.text() || v.list() || (v.dict() && !v.space()); }},
    NamedTest{"number", [](const Value& v, const Value*) { return v.isNumber(); }},
    NamedTest{"integer", [](const Value& v, const Value*) { return v.integer() != nullptr; }},
    NamedTest{"float", [](const Value& v, const Value*) { return v.real() != nullptr; }},
    NamedTest{"boolean", [](const Value& v, const Value*) { return v.boolean() != nullptr; }},
    NamedTest{"true", [](const Value& v, const Value*) { return v.boolean() && *v.boolean(); }},
    NamedTest{"false", [](const Value& v, const Value*) { return v.boolean() && !*v.boolean(); }},
    NamedTest{"equalto", [](const Value& v, const Value* other) { return other && equal(v, *other); }},
    NamedTest{"eq", [](const Value& v, const Value* other) { return other && equal(v, *other); }},
    NamedTest{"ne", [](const Value& v, const Value* other) { return other && !equal(v, *other); }},
    NamedTest{"odd", [](const Value& v, const Value*) { return v.integer() && *v.integer() % 2 != 0; }},
    NamedTest{"even", [](const Value& v, const Value*) { return v.integer() && *v.integer() % 2 == 0; }},
};

} // namespace

Result<Value> filter(std::string_view name, const Value& value, const Arguments& arguments, Budget& budget) {
    const auto found =
        std::find_if(kFilters.begin(), kFilters.end(), [&](const Named& known) { return known.name == name; });
    if (found == kFilters.end())
        return runError("the filter " + std::string(name.substr(0, 40)) + " is not known here");
    BATHY_CHECK(budget.spend());
    return found->function(value, arguments, budget);
}

Result<bool> test(std::string_view name, const Value& value, const Arguments& arguments) {
    const auto found =
        std::find_if(kTests.begin(), kTests.end(), [&](const NamedTest& known) { return known.name == name; });
    if (found == kTests.end())
        return runError("the test " + std::string(name.substr(0, 40)) + " is not known here");
    return found->function(value, arguments.at(0, "other"));
}

} // namespace bathy::tokenizer::jinja
