// The interpreter's expressions.
#include "engine/tokenizer/jinja/interpreter.h"

#include <algorithm>

namespace bathy::tokenizer::jinja {

using Kind = Expression::Kind;

Result<Value> Interpreter::evaluate(const Expression& expression) {
    BATHY_CHECK(m_budget.spend());
    if (++m_depth > m_budget.limits().depth)
        return runError("more than " + std::to_string(m_budget.limits().depth) + " levels run inside of each other");
    auto value = dispatch(expression);
    --m_depth;
    return value;
}

Result<Value> Interpreter::dispatch(const Expression& expression) {
    switch (expression.kind) {
    case Kind::Constant:
        return expression.constant;
    case Kind::Name:
        return lookUp(expression.name);
    case Kind::ListOf:
        return listOf(expression);
    case Kind::DictOf:
        return dictOf(expression);
    case Kind::Attribute:
        return attribute(expression);
    case Kind::Item: {
        BATHY_TRY(const auto base, evaluate(*expression.parts[0]));
        BATHY_TRY(const auto key, evaluate(*expression.parts[1]));
        if (base.text())
            BATHY_CHECK(m_budget.produce(base.text()->bytes.size()));
        return item(base, key);
    }
    case Kind::Slice:
        return sliceOf(expression);
    case Kind::Call:
        return call(expression);
    case Kind::Filter:
    case Kind::Test:
        return filtered(expression);
    case Kind::Unary:
        return unary(expression);
    case Kind::Binary:
        return binaryOf(expression);
    case Kind::Choice:
        return choice(expression);
    }
    return Value();
}

Result<Value> Interpreter::lookUp(const std::string& name) const {
    for (auto i = m_scopes.size(); i-- > 0;) {
        if (i != 0 && i < m_lowest)
            continue;
        if (const auto found = m_scopes[i].find(name); found != m_scopes[i].end())
            return found->second;
    }
    return Value();
}

Result<Value> Interpreter::listOf(const Expression& expression) {
    List list;
    for (const auto& part : expression.parts) {
        BATHY_TRY(auto value, evaluate(*part));
        if (value.space())
            return runError("a namespace cannot be kept in a list");
        list.push_back(std::move(value));
    }
    return Value(std::move(list));
}

Result<Value> Interpreter::dictOf(const Expression& expression) {
    Dict dict;
    for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
        BATHY_TRY(const auto key, evaluate(*expression.parts[i]));
        BATHY_TRY(auto value, evaluate(*expression.parts[i + 1]));
        if (!key.text() || value.space())
            return runError("a mapping goes from strings to values");
        BATHY_CHECK(m_budget.spend(static_cast<std::int64_t>(dict.items.size())));
        dict.set(key.text()->bytes, std::move(value));
    }
    return Value(std::move(dict));
}

Result<Value> Interpreter::attribute(const Expression& expression) {
    BATHY_TRY(const auto base, evaluate(*expression.parts[0]));
    if (base.isUndefined())
        return runError("line " + std::to_string(expression.line) + ": " + expression.name +
                        " is asked of what is not defined");
    const auto* found = base.dict() ? base.dict()->find(expression.name) : nullptr;
    return found ? *found : Value();
}

Result<Value> Interpreter::unary(const Expression& expression) {
    BATHY_TRY(auto value, evaluate(*expression.parts[0]));
    if (expression.name == "not")
        return Value(!value.truth());
    BATHY_TRY(auto negated, negative(value));
    return expression.name == "-" ? negated : value;
}

Result<Value> Interpreter::binaryOf(const Expression& expression) {
    BATHY_TRY(auto left, evaluate(*expression.parts[0]));
    if (expression.name == "and" || expression.name == "or")
        return left.truth() == (expression.name == "or") ? Result<Value>(std::move(left))
                                                         : evaluate(*expression.parts[1]);
    BATHY_TRY(const auto right, evaluate(*expression.parts[1]));
    auto result = binary(expression.name, left, right, m_budget);
    if (!result)
        return std::move(result).error().withContext("line " + std::to_string(expression.line));
    return result;
}

Result<Value> Interpreter::choice(const Expression& expression) {
    BATHY_TRY(const auto condition, evaluate(*expression.parts[1]));
    if (condition.truth())
        return evaluate(*expression.parts[0]);
    return expression.parts[2] ? evaluate(*expression.parts[2]) : Value();
}

Result<Value> Interpreter::sliceOf(const Expression& expression) {
    Value bounds[4];
    for (std::size_t i = 0; i < 4; ++i)
        if (expression.parts[i]) {
            BATHY_TRY(bounds[i], evaluate(*expression.parts[i]));
        }
    return slice(bounds[0], bounds[1], bounds[2], bounds[3], m_budget);
}

Result<Arguments> Interpreter::arguments(const Expression& expression) {
    Arguments result;
    for (std::size_t i = 1; i < expression.parts.size(); ++i) {
        BATHY_TRY(auto value, evaluate(*expression.parts[i]));
        result.list.push_back(std::move(value));
    }
    for (const auto& [name, part] : expression.named) {
        BATHY_TRY(auto value, evaluate(*part));
        result.named.emplace_back(name, std::move(value));
    }
    return result;
}

Result<Value> Interpreter::filtered(const Expression& expression) {
    BATHY_TRY(const auto value, evaluate(*expression.parts[0]));
    BATHY_TRY(const auto given, arguments(expression));
    if (expression.kind == Kind::Filter)
        return filter(expression.name, value, given, m_budget);
    BATHY_TRY(const bool holds, test(expression.name, value, given));
    return Value(holds);
}

Result<Value> Interpreter::call(const Expression& expression) {
    const auto& called = *expression.parts[0];
    if (called.kind == Kind::Attribute) {
        BATHY_TRY(const auto base, evaluate(*called.parts[0]));
        BATHY_TRY(const auto given, arguments(expression));
        return method(called.name, base, given, m_budget);
    }
    BATHY_TRY(const auto function, evaluate(called));
    BATHY_TRY(const auto given, arguments(expression));
    if (const auto* macro = function.macro())
        return callMacro(*macro, given);
    if (const auto* global = function.global())
        return callGlobal(*global, given);
    return runError("line " + std::to_string(expression.line) + ": " + std::string(function.typeName()) + " is called");
}

Result<Value> Interpreter::callMacro(const Macro& macro, const Arguments& given) {
    if (given.list.size() > macro.parameters.size())
        return runError("the macro " + macro.name + " has fewer parameters");
    Scope scope;
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
        const auto& [name, otherwise] = macro.parameters[i];
        if (const auto* value = given.at(i, name)) {
            scope[name] = *value;
        } else if (otherwise) {
            BATHY_TRY(scope[name], evaluate(*otherwise));
        }
    }
    const auto lowest = std::exchange(m_lowest, m_scopes.size());
    m_scopes.push_back(std::move(scope));
    BATHY_TRY(auto text, captured(macro.body));
    m_scopes.pop_back();
    m_lowest = lowest;
    return Value(std::move(text));
}

Result<Value> Interpreter::callGlobal(Global global, const Arguments& given) {
    switch (global) {
    case Global::Range:
        return range(given);
    case Global::Now:
        return now(given);
    case Global::Raise: {
        Text said("no reason");
        if (const auto* message = given.at(0, "message")) {
            BATHY_TRY(said, textOf(*message, m_budget));
        }
        constexpr std::size_t kShown = 300;
        auto reason = said.bytes.substr(0, kShown);
        std::replace_if(
            reason.begin(), reason.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
        return Error(ErrorCode::BadArgument, "the model's chat template refuses this conversation: " + reason);
    }
    case Global::Namespace:
        break;
    }
    auto space = std::make_shared<Dict>();
    for (const auto& [name, value] : given.named) {
        if (value.space())
            return runError("a namespace cannot be kept in another");
        space->set(name, value);
    }
    return Value(std::move(space));
}

Result<Value> Interpreter::range(const Arguments& given) {
    constexpr std::int64_t kMost = 100'000;
    std::int64_t bounds[3] = {0, 0, 1};
    const auto count = given.list.size();
    for (std::size_t i = 0; i < count && i < 3; ++i) {
        const auto* whole = given.list[i].integer();
        if (!whole)
            return runError("range takes whole numbers");
        bounds[count == 1 ? 1 : i] = *whole;
    }
    const auto [begin, end, step] = bounds;
    const auto small = [](std::int64_t value) { return value > -(INT64_C(1) << 40) && value < (INT64_C(1) << 40); };
    if (count == 0 || count > 3 || step == 0 || !small(begin) || !small(end) || !small(step))
        return runError("range takes one to three whole numbers, the step is not 0");
    List list;
    for (auto at = begin; step > 0 ? at < end : at > end; at += step) {
        if (static_cast<std::int64_t>(list.size()) == kMost)
            return runError("a range has more than " + std::to_string(kMost) + " numbers");
        list.emplace_back(at);
    }
    BATHY_CHECK(m_budget.spend(static_cast<std::int64_t>(list.size())));
    return Value(std::move(list));
}

Result<Value> Interpreter::now(const Arguments& given) {
    const auto* format = given.at(0, "format");
    if (!format || !format->text() || format->text()->bytes.size() > 256)
        return runError("strftime_now takes a format");
    constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
    constexpr const char* kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    const auto& time = m_inputs.now;
    const auto two = [](int number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); };
    const std::string month = kMonths[std::clamp(time.tm_mon, 0, 11)];
    const std::string day = kDays[std::clamp(time.tm_wday, 0, 6)];
    std::string text;
    const auto& pattern = format->text()->bytes;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%' || i + 1 == pattern.size()) {
            text.push_back(pattern[i]);
            continue;
        }
        switch (const char c = pattern[++i]; c) { // English, whatever the locale: models know no other
        case 'd':
            text += two(time.tm_mday);
            break;
        case 'm':
            text += two(time.tm_mon + 1);
            break;
        case 'y':
            text += two(time.tm_year % 100);
            break;
        case 'Y':
            text += std::to_string(time.tm_year + 1900);
            break;
        case 'B':
            text += month;
            break;
        case 'b':
            text += month.substr(0, 3);
            break;
        case 'A':
            text += day;
            break;
        case 'a':
            text += day.substr(0, 3);
            break;
        case 'H':
            text += two(time.tm_hour);
            break;
        case 'M':
            text += two(time.tm_min);
            break;
        case 'S':
            text += two(time.tm_sec);
            break;
        case '%':
            text += '%';
            break;
        default:
            return runError(std::string("strftime_now does not know %") + (c > ' ' && c < 127 ? c : '?'));
        }
    }
    return Value(Text(text));
}

} // namespace bathy::tokenizer::jinja
