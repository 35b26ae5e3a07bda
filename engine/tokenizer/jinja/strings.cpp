// Methods of strings and mappings.
#include "engine/tokenizer/jinja/functions.h"

#include "engine/tokenizer/utf8.h"

#include <algorithm>

namespace bathy::tokenizer::jinja {
namespace {

// str.isspace of Python.
bool isSpace(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

Result<std::string> stringArgument(const Value* value, std::string_view method) {
    if (!value || !value->text())
        return runError(std::string(method) + " needs a string");
    return value->text()->bytes;
}

// At spaces, as split() without a separator: no empty parts.
List words(const Text& text, std::int64_t most) {
    List list;
    const auto starts = characterStarts(text.bytes);
    const auto spaceAt = [&](std::size_t i) {
        const auto step = utf8Step(std::string_view(text.bytes).substr(starts[i]));
        return step.state == Utf8State::Whole && isSpace(step.character);
    };
    std::size_t i = 0;
    const auto count = starts.size() - 1;
    for (;;) {
        while (i < count && spaceAt(i))
            ++i;
        if (i == count)
            return list;
        const auto begin = starts[i];
        if (most >= 0 && static_cast<std::int64_t>(list.size()) == most) {
            list.emplace_back(text.part(begin, text.bytes.size() - begin));
            return list;
        }
        while (i < count && !spaceAt(i))
            ++i;
        list.emplace_back(text.part(begin, starts[i] - begin));
    }
}

Result<Value> split(const Text& text, const Arguments& arguments, Budget& budget) {
    std::int64_t most = -1;
    if (const auto* limit = arguments.at(1, "maxsplit")) {
        if (!limit->integer())
            return runError("split takes a whole number of parts");
        most = *limit->integer();
    }
    BATHY_CHECK(budget.produce(text.bytes.size()));
    const auto* separator = arguments.at(0, "sep");
    if (!separator || separator->isNone())
        return Value(words(text, most));
    BATHY_TRY(const auto at, stringArgument(separator, "split"));
    if (at.empty())
        return runError("split needs a separator that is not empty");
    List list;
    std::size_t begin = 0;
    for (auto end = text.bytes.find(at);
         end != std::string::npos && (most < 0 || static_cast<std::int64_t>(list.size()) < most);
         end = text.bytes.find(at, begin)) {
        BATHY_CHECK(budget.spend());
        list.emplace_back(text.part(begin, end - begin));
        begin = end + at.size();
    }
    list.emplace_back(text.part(begin, text.bytes.size() - begin));
    return Value(std::move(list));
}

enum class Case : std::uint8_t { Lower, Upper, Title, Capital };

// Letters of ASCII only: other scripts keep their case.
Text cased(Text text, Case wanted) {
    bool inside = false;
    for (auto& c : text.bytes) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool lower = c >= 'a' && c <= 'z';
        const bool raise = wanted == Case::Upper || (wanted != Case::Lower && !inside);
        if (raise && lower)
            c = static_cast<char>(c - 32);
        else if (!raise && upper)
            c = static_cast<char>(c + 32);
        inside = wanted == Case::Capital || upper || lower || static_cast<unsigned char>(c) >= 0x80;
    }
    return text;
}

Result<Value> startsOrEnds(const Text& text, const Arguments& arguments, bool starts) {
    const auto* given = arguments.at(0, "prefix");
    const auto list = given && given->list() ? *given->list() : given ? List{*given} : List{};
    for (const auto& one : list) {
        BATHY_TRY(const auto part, stringArgument(&one, starts ? "startswith" : "endswith"));
        if (starts ? text.bytes.starts_with(part) : text.bytes.ends_with(part))
            return Value(true);
    }
    return Value(false);
}

Result<Value> ofString(std::string_view name, const Text& text, const Arguments& arguments, Budget& budget) {
    BATHY_CHECK(budget.produce(text.bytes.size()));
    if (name == "split")
        return split(text, arguments, budget);
    if (name == "strip" || name == "lstrip" || name == "rstrip") {
        const auto side = name == "strip" ? Side::Both : name == "lstrip" ? Side::Left : Side::Right;
        const auto* characters = arguments.at(0, "chars");
        if (!characters || characters->isNone())
            return Value(stripped(text, side));
        BATHY_TRY(const auto given, stringArgument(characters, name));
        return Value(stripped(text, side, &given));
    }
    if (name == "startswith" || name == "endswith")
        return startsOrEnds(text, arguments, name == "startswith");
    if (name == "replace") {
        BATHY_TRY(auto result, replaced(text, arguments.at(0, "old"), arguments.at(1, "new"), budget));
        return Value(std::move(result));
    }
    if (name == "lower" || name == "upper")
        return Value(cased(text, name == "lower" ? Case::Lower : Case::Upper));
    if (name == "title" || name == "capitalize")
        return Value(cased(text, name == "title" ? Case::Title : Case::Capital));
    if (name == "find") {
        BATHY_TRY(const auto part, stringArgument(arguments.at(0, "sub"), name));
        const auto at = text.bytes.find(part);
        const auto before = at == std::string::npos ? 0 : characterStarts(text.bytes.substr(0, at)).size() - 1;
        return Value(at == std::string::npos ? std::int64_t{-1} : static_cast<std::int64_t>(before));
    }
    return runError("a string has no method " + std::string(name));
}

Result<Value> ofMapping(std::string_view name, const Dict& dict, const Arguments& arguments) {
    if (name == "get") {
        const auto* key = arguments.at(0, "key");
        const auto* found = key && key->text() ? dict.find(key->text()->bytes) : nullptr;
        const auto* otherwise = arguments.at(1, "default");
        return found ? *found : otherwise ? *otherwise : Value(Value::None{});
    }
    if (name != "keys" && name != "values" && name != "items")
        return runError("a mapping has no method " + std::string(name));
    List list;
    for (const auto& [key, value] : dict.items)
        if (name == "items")
            list.emplace_back(List{Value(Text(key)), value});
        else
            list.push_back(name == "keys" ? Value(Text(key)) : value);
    return Value(std::move(list));
}

} // namespace

Text stripped(const Text& text, Side side, const std::string* characters) {
    const auto starts = characterStarts(text.bytes);
    const auto goes = [&](std::size_t i) {
        const auto character = std::string_view(text.bytes).substr(starts[i], starts[i + 1] - starts[i]);
        if (characters)
            return characters->find(character) != std::string::npos;
        const auto step = utf8Step(character);
        return step.state == Utf8State::Whole && isSpace(step.character);
    };
    std::size_t begin = 0;
    std::size_t end = starts.size() - 1;
    while (side != Side::Right && begin < end && goes(begin))
        ++begin;
    while (side != Side::Left && begin < end && goes(end - 1))
        --end;
    return text.part(starts[begin], starts[end] - starts[begin]);
}

Result<Text> replaced(const Text& text, const Value* from, const Value* to, Budget& budget) {
    BATHY_TRY(const auto old, stringArgument(from, "replace"));
    if (old.empty() || !to || !to->text())
        return runError("replace needs two strings, the first one not empty");
    Text result;
    std::size_t begin = 0;
    for (auto at = text.bytes.find(old); at != std::string::npos; at = text.bytes.find(old, begin)) {
        result.append(text.part(begin, at - begin));
        result.append(*to->text());
        begin = at + old.size();
        BATHY_CHECK(budget.spend());
        if (result.bytes.size() > static_cast<std::size_t>(budget.limits().outputBytes))
            break;
    }
    result.append(text.part(begin, text.bytes.size() - begin));
    BATHY_CHECK(budget.produce(result.bytes.size()));
    return result;
}

Result<Value> method(std::string_view name, const Value& value, const Arguments& arguments, Budget& budget) {
    if (value.isUndefined())
        return runError(std::string(name) + " is asked of what is not defined");
    if (const auto* text = value.text())
        return ofString(name, *text, arguments, budget);
    if (const auto* dict = value.dict()) {
        BATHY_CHECK(budget.spend(static_cast<std::int64_t>(dict->items.size())));
        return ofMapping(name, *dict, arguments);
    }
    return runError(std::string(value.typeName()) + " has no method " + std::string(name));
}

} // namespace bathy::tokenizer::jinja
