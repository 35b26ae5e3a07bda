#include "engine/tokenizer/jinja/value.h"

#include "engine/tokenizer/utf8.h"

#include <algorithm>

namespace bathy::tokenizer::jinja {

Text Text::part(std::size_t begin, std::size_t count) const {
    Text result;
    result.bytes = bytes.substr(begin, count);
    result.sources = sources.substr(begin, count);
    return result;
}

Value::Value(Dict dict) : m_value(std::make_shared<const Dict>(std::move(dict))) {}

const Dict* Value::dict() const {
    const auto* own = shared<const Dict>();
    return own ? own : space();
}

const Macro* Value::macro() const {
    const auto* held = std::get_if<const Macro*>(&m_value);
    return held ? *held : nullptr;
}

double Value::number() const {
    if (const auto* flag = boolean())
        return *flag ? 1 : 0;
    if (const auto* whole = integer())
        return static_cast<double>(*whole);
    return real() ? *real() : 0;
}

bool Value::truth() const {
    if (isUndefined() || isNone())
        return false;
    if (isNumber())
        return number() != 0;
    if (text())
        return !text()->bytes.empty();
    if (list())
        return !list()->empty();
    if (dict())
        return space() || !dict()->items.empty();
    return true;
}

std::string_view Value::typeName() const {
    constexpr std::string_view kNames[] = {"undefined",   "none",     "a truth value", "a whole number",
                                           "a number",    "a string", "a list",        "a mapping",
                                           "a namespace", "a macro",  "a function"};
    return kNames[m_value.index()];
}

const Value* Dict::find(std::string_view key) const {
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.first == key; });
    return found == items.end() ? nullptr : &found->second;
}

void Dict::set(std::string_view key, Value value) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.first == key; });
    if (found == items.end())
        items.emplace_back(key, std::move(value));
    else
        found->second = std::move(value);
}

bool equal(const Value& a, const Value& b) {
    if (a.isNumber() && b.isNumber()) {
        if (a.integer() && b.integer())
            return *a.integer() == *b.integer();
        return a.number() == b.number();
    }
    if (a.text() && b.text())
        return a.text()->bytes == b.text()->bytes;
    if (a.list() && b.list())
        return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(), equal);
    if (a.dict() && b.dict()) {
        const auto& left = a.dict()->items;
        return left.size() == b.dict()->items.size() && std::all_of(left.begin(), left.end(), [&](const auto& item) {
                   const auto* other = b.dict()->find(item.first);
                   return other && equal(item.second, *other);
               });
    }
    return (a.isNone() && b.isNone()) || (a.isUndefined() && b.isUndefined()) || (a.macro() && a.macro() == b.macro());
}

std::vector<std::size_t> characterStarts(std::string_view text) {
    std::vector<std::size_t> starts;
    std::size_t at = 0;
    while (at < text.size()) {
        starts.push_back(at);
        const auto step = utf8Step(text.substr(at));
        at += step.state == Utf8State::Whole ? step.length : 1;
    }
    starts.push_back(text.size());
    return starts;
}

} // namespace bathy::tokenizer::jinja
