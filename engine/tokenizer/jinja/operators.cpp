#include "engine/tokenizer/jinja/functions.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bathy::tokenizer::jinja {
namespace {

Error mismatch(std::string_view sign, const Value& left, const Value& right) {
    return runError(std::string(sign) + " is not for " + std::string(left.typeName()) + " and " +
                    std::string(right.typeName()));
}

// As repr() of Python.
std::string digitsOf(double value) {
    constexpr double kLeastPlain = 1e-4;
    constexpr double kMostPlain = 1e16;
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= kLeastPlain && size < kMostPlain);
    char buffer[64];
    const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, form).ptr;
    std::string text(buffer, end);
    return plain && text.find('.') == std::string::npos ? text + ".0" : text;
}

Result<bool> contains(const Value& in, const Value& what, Budget& budget) {
    if (in.isUndefined())
        return false;
    if (const auto* text = in.text()) {
        if (!what.text())
            return mismatch("in", what, in);
        BATHY_CHECK(budget.produce(text->bytes.size()));
        return text->bytes.find(what.text()->bytes) != std::string::npos;
    }
    if (const auto* list = in.list()) {
        BATHY_CHECK(budget.spend(static_cast<std::int64_t>(list->size())));
        return std::any_of(list->begin(), list->end(), [&](const Value& value) { return equal(value, what); });
    }
    if (const auto* dict = in.dict())
        return what.text() && dict->find(what.text()->bytes) != nullptr;
    return mismatch("in", what, in);
}

Result<Value> compared(std::string_view sign, const Value& left, const Value& right) {
    int order = 0;
    if (left.isNumber() && right.isNumber())
        order = left.number() < right.number() ? -1 : left.number() > right.number() ? 1 : 0;
    else if (left.text() && right.text())
        order = left.text()->bytes.compare(right.text()->bytes);
    else
        return mismatch(sign, left, right);
    return Value(sign == "<" ? order < 0 : sign == "<=" ? order <= 0 : sign == ">" ? order > 0 : order >= 0);
}

// Of Python: rounds down, the rest has the sign of the divisor.
Result<Value> divided(std::string_view sign, std::int64_t left, std::int64_t right) {
    if (right == -1)
        return left == INT64_MIN ? Result<Value>(runError("a number is too large"))
                                 : Result<Value>(Value(sign == "//" ? -left : std::int64_t{0}));
    const auto rest = left % right;
    const bool off = rest != 0 && (rest < 0) != (right < 0);
    return Value(sign == "//" ? left / right - (off ? 1 : 0) : rest + (off ? right : 0));
}

Result<Value> calculated(std::string_view sign, const Value& left, const Value& right) {
    if (!left.isNumber() || !right.isNumber())
        return mismatch(sign, left, right);
    if ((sign == "/" || sign == "//" || sign == "%") && right.number() == 0)
        return runError("division by zero");
    if (left.real() || right.real() || sign == "/") {
        const double a = left.number();
        const double b = right.number();
        if (sign == "//")
            return Value(std::floor(a / b));
        if (sign == "%")
            return Value(a - b * std::floor(a / b));
        return Value(sign == "+" ? a + b : sign == "-" ? a - b : sign == "*" ? a * b : a / b);
    }
    const auto whole = [](const Value& value) {
        return value.integer() ? *value.integer() : std::int64_t{*value.boolean()};
    };
    const auto a = whole(left);
    const auto b = whole(right);
    if (sign == "//" || sign == "%")
        return divided(sign, a, b);
    std::int64_t result = 0;
    const bool over = sign == "+"   ? __builtin_add_overflow(a, b, &result)
                      : sign == "-" ? __builtin_sub_overflow(a, b, &result)
                                    : __builtin_mul_overflow(a, b, &result);
    if (over)
        return runError("a number is too large");
    return Value(result);
}

Result<Value> joined(const Text& left, const Text& right, Budget& budget) {
    BATHY_CHECK(budget.produce(left.bytes.size() + right.bytes.size()));
    auto text = left;
    text.append(right);
    return Value(std::move(text));
}

// One bound of a slice as Python takes it.
Result<std::int64_t> bound(const Value& value, std::int64_t size, std::int64_t otherwise, std::int64_t low,
                           std::int64_t high) {
    if (value.isUndefined() || value.isNone())
        return otherwise;
    if (!value.integer())
        return runError("a place in a list is " + std::string(value.typeName()));
    const auto at = *value.integer();
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, low, high);
}

// Number `at` of `size` things, counted from the end where it is negative; -1: there is none.
std::int64_t place(std::int64_t at, std::size_t size) {
    const auto count = static_cast<std::int64_t>(size);
    if (at < -count || at >= count)
        return -1;
    return at < 0 ? at + count : at;
}

} // namespace

const Value* Arguments::at(std::size_t index, std::string_view name) const {
    if (index < list.size())
        return &list[index];
    const auto found = std::find_if(named.begin(), named.end(), [&](const auto& value) { return value.first == name; });
    return found == named.end() ? nullptr : &found->second;
}

Result<Text> textOf(const Value& value, Budget& budget) {
    if (const auto* text = value.text()) {
        BATHY_CHECK(budget.produce(text->bytes.size()));
        return *text;
    }
    if (value.isUndefined())
        return Text();
    if (value.isNone())
        return Text("None");
    if (const auto* flag = value.boolean())
        return Text(*flag ? "True" : "False");
    if (const auto* whole = value.integer())
        return Text(std::to_string(*whole));
    if (const auto* real = value.real())
        return Text(digitsOf(*real));
    return runError(std::string(value.typeName()) + " has no text");
}

Result<Value> binary(std::string_view sign, const Value& left, const Value& right, Budget& budget) {
    if (sign == "==")
        return Value(equal(left, right));
    if (sign == "!=")
        return Value(!equal(left, right));
    if (sign == "in" || sign == "not in") {
        BATHY_TRY(const bool found, contains(right, left, budget));
        return Value(found == (sign == "in"));
    }
    if (sign == "~") {
        BATHY_TRY(const auto a, textOf(left, budget));
        BATHY_TRY(const auto b, textOf(right, budget));
        return joined(a, b, budget);
    }
    if (sign.starts_with('<') || sign.starts_with('>'))
        return compared(sign, left, right);
    if (sign == "+" && left.text() && right.text())
        return joined(*left.text(), *right.text(), budget);
    if (sign == "+" && left.list() && right.list()) {
        BATHY_CHECK(budget.spend(static_cast<std::int64_t>(left.list()->size() + right.list()->size())));
        auto list = *left.list();
        list.insert(list.end(), right.list()->begin(), right.list()->end());
        return Value(std::move(list));
    }
    return calculated(sign, left, right);
}

Result<Value> negative(const Value& value) {
    if (value.real())
        return Value(-*value.real());
    return calculated("-", Value(std::int64_t{0}), value);
}

Result<Value> item(const Value& base, const Value& key) {
    if (base.isUndefined())
        return runError("a part is asked of what is not defined");
    if (const auto* dict = base.dict()) {
        const auto* found = key.text() ? dict->find(key.text()->bytes) : nullptr;
        return found ? *found : Value();
    }
    if (!key.integer())
        return Value();
    if (const auto* list = base.list()) {
        const auto at = place(*key.integer(), list->size());
        return at < 0 ? Value() : (*list)[static_cast<std::size_t>(at)];
    }
    if (const auto* text = base.text()) {
        const auto starts = characterStarts(text->bytes);
        const auto at = place(*key.integer(), starts.size() - 1);
        if (at < 0)
            return Value();
        const auto begin = starts[static_cast<std::size_t>(at)];
        return Value(text->part(begin, starts[static_cast<std::size_t>(at) + 1] - begin));
    }
    return Value();
}

Result<Value> slice(const Value& base, const Value& begin, const Value& end, const Value& step, Budget& budget) {
    if (!base.text() && !base.list())
        return runError("no part can be cut from " + std::string(base.typeName()));
    const auto starts = base.text() ? characterStarts(base.text()->bytes) : std::vector<std::size_t>();
    const auto size = static_cast<std::int64_t>(base.text() ? starts.size() - 1 : base.list()->size());
    BATHY_CHECK(budget.spend(size));
    std::int64_t by = 1;
    if (!step.isUndefined() && !step.isNone()) {
        if (!step.integer() || *step.integer() == 0)
            return runError("the step of a slice is no whole number other than 0");
        by = std::clamp(*step.integer(), -size - 1, size + 1);
    }
    const std::int64_t low = by > 0 ? 0 : -1;
    const std::int64_t high = by > 0 ? size : size - 1;
    BATHY_TRY(const auto first, bound(begin, size, by > 0 ? low : high, low, high));
    BATHY_TRY(const auto last, bound(end, size, by > 0 ? high : low, low, high));
    Text text;
    List list;
    for (auto at = first; by > 0 ? at < last : at > last; at += by) {
        const auto i = static_cast<std::size_t>(at);
        if (base.text())
            text.append(base.text()->part(starts[i], starts[i + 1] - starts[i]));
        else
            list.push_back((*base.list())[i]);
    }
    return base.text() ? Value(std::move(text)) : Value(std::move(list));
}

Result<List> elements(const Value& value, Budget& budget) {
    List list;
    if (value.list())
        list = *value.list();
    else if (const auto* text = value.text()) {
        const auto starts = characterStarts(text->bytes);
        for (std::size_t i = 0; i + 1 < starts.size(); ++i)
            list.emplace_back(text->part(starts[i], starts[i + 1] - starts[i]));
    } else if (value.dict() && !value.space()) {
        for (const auto& [key, held] : value.dict()->items)
            list.emplace_back(Text(key));
    } else if (!value.isUndefined()) {
        return runError("no loop can go through " + std::string(value.typeName()));
    }
    BATHY_CHECK(budget.spend(static_cast<std::int64_t>(list.size())));
    return list;
}

} // namespace bathy::tokenizer::jinja
