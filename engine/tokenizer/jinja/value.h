// Values of a chat template: what Jinja has, with one addition. Every byte of a string remembers who said it: the
// template, or a message of the conversation. So the text that comes out can be cut into markup and speech, whatever
// the template did to it on the way. Values share what they hold and never change it, except for namespaces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bathy::tokenizer::jinja {

using Source = char16_t;                       // 0: the template; n: message n - 1
inline constexpr Source kMostSources = 0xfffe; // messages beyond share the last

struct Text {
    std::string bytes;
    std::u16string sources; // of each byte

    Text() = default;
    explicit Text(std::string_view text, Source source = 0) : bytes(text), sources(text.size(), source) {}
    void append(const Text& other) {
        bytes += other.bytes;
        sources += other.sources;
    }
    void append(std::string_view text, Source source = 0) {
        bytes += text;
        sources.append(text.size(), source);
    }
    Text part(std::size_t begin, std::size_t count) const;
};

class Value;
using List = std::vector<Value>;
struct Dict;
struct Macro; // of the syntax tree
enum class Global : std::uint8_t { Namespace, Range, Raise, Now };

class Value {
public:
    struct Undefined {};
    struct None {};

    Value() = default;
    Value(None) : m_value(None{}) {}
    Value(bool value) : m_value(value) {}
    Value(std::int64_t value) : m_value(value) {}
    Value(double value) : m_value(value) {}
    Value(Text text) : m_value(std::make_shared<const Text>(std::move(text))) {}
    Value(List list) : m_value(std::make_shared<const List>(std::move(list))) {}
    Value(Dict dict);
    Value(std::shared_ptr<Dict> space) : m_value(std::move(space)) {} // a namespace
    Value(const Macro* macro) : m_value(macro) {}
    Value(Global global) : m_value(global) {}
    Value(const char*) = delete; // would become a truth value

    bool isUndefined() const { return std::holds_alternative<Undefined>(m_value); }
    bool isNone() const { return std::holds_alternative<None>(m_value); }
    const bool* boolean() const { return std::get_if<bool>(&m_value); }
    const std::int64_t* integer() const { return std::get_if<std::int64_t>(&m_value); }
    const double* real() const { return std::get_if<double>(&m_value); }
    const Text* text() const { return shared<const Text>(); }
    const List* list() const { return shared<const List>(); }
    const Dict* dict() const; // of a namespace too
    Dict* space() const { return shared<Dict>(); }
    const Macro* macro() const;
    const Global* global() const { return std::get_if<Global>(&m_value); }
    // Whole numbers, fractions and truth values, as Python counts them.
    bool isNumber() const { return boolean() || integer() || real(); }
    double number() const;

    bool truth() const;
    std::string_view typeName() const; // "a string"

private:
    template <class T>
    T* shared() const {
        const auto* held = std::get_if<std::shared_ptr<T>>(&m_value);
        return held ? held->get() : nullptr;
    }

    std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const Text>, std::shared_ptr<const List>,
                 std::shared_ptr<const Dict>, std::shared_ptr<Dict>, const Macro*, Global>
        m_value;
};

struct Dict {
    std::vector<std::pair<std::string, Value>> items; // in the order of writing
    Source message = 0;                               // which one this is, when it is one

    const Value* find(std::string_view key) const;
    void set(std::string_view key, Value value);
};

// As == of Python.
bool equal(const Value& a, const Value& b);
// Characters of a text: where each begins, and the end. A byte that is no UTF-8 is a character of its own.
std::vector<std::size_t> characterStarts(std::string_view text);

} // namespace bathy::tokenizer::jinja
