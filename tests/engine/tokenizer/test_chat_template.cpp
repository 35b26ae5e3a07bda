// Chat templates: what transformers makes of the same templates, limits, and which bytes are speech.
#include "engine/tokenizer/jinja/template.h"
#include "tests/engine/tokenizer/tokenizer_fixture.h"

#include <chrono>

namespace bathy::tokenizer::jinja {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json; // members in the order of the file, as Python keeps them

Value valueOf(const OrderedJson& json, Source source = 0) {
    if (json.is_string())
        return Value(Text(json.get<std::string>(), source));
    if (json.is_boolean())
        return Value(json.get<bool>());
    if (json.is_number_integer())
        return Value(json.get<std::int64_t>());
    if (json.is_number())
        return Value(json.get<double>());
    if (json.is_array()) {
        List list;
        for (const auto& one : json)
            list.push_back(valueOf(one, source));
        return Value(std::move(list));
    }
    if (!json.is_object())
        return Value(Value::None{});
    Dict dict;
    dict.message = source;
    for (const auto& [key, one] : json.items())
        dict.set(key, valueOf(one, source));
    return Value(std::move(dict));
}

Inputs inputsOf(const OrderedJson& talk, const OrderedJson& variables) {
    Inputs inputs;
    for (const auto& [name, value] : variables.items())
        inputs.names.set(name, valueOf(value));
    List messages;
    for (const auto& message : talk)
        messages.push_back(valueOf(message, static_cast<Source>(messages.size() + 1)));
    inputs.messages = messages.size();
    inputs.names.set("messages", Value(std::move(messages)));
    inputs.names.set("tools", Value(Value::None{}));
    inputs.names.set("documents", Value(Value::None{}));
    return inputs;
}

Result<Output> run(std::string_view source, const OrderedJson& talk = OrderedJson::array(), const Limits& limits = {}) {
    BATHY_TRY(const auto program, Template::parse(source));
    return program.render(inputsOf(talk, {}), limits);
}

std::string problemOf(std::string_view source, const Limits& limits = {}) {
    const auto output = run(source, OrderedJson::array(), limits);
    return output ? "" : output.error().what();
}

TEST(ChatTemplate, everyVector_givesWhatTransformersGives) {
    const auto path = std::string(BATHY_SOURCE_DIR) + "/tests/golden/chat_templates/vectors.json";
    const auto all = OrderedJson::parse(readTextFile(path, 1 << 24).value());
    ASSERT_GE(all["vectors"].size(), 240U);
    for (const auto& vector : all["vectors"]) {
        const auto source = vector["template"].get<std::string>();
        const auto program = Template::parse(source);
        ASSERT_TRUE(program) << source << ": " << program.error().what();
        const auto output =
            program->render(inputsOf(all["talks"][vector["talk"].get<std::string>()], all["variables"]));
        ASSERT_TRUE(output) << source << ": " << output.error().what();
        EXPECT_EQ(output->text.bytes, vector["text"].get<std::string>()) << source;
        EXPECT_EQ(output->text.bytes.size(), output->text.sources.size());
    }
}

TEST(ChatTemplate, speech_keepsItsSourceThroughEverything) {
    const auto talk =
        OrderedJson::parse(R"([{"role": "user", "content": " <Q>,<X> "}, {"role": "user", "content": "é<W>"}])");
    for (const auto* source : {
             "{{ messages[0].content }}",
             "{{ messages[0].content|trim }}",
             "{{ messages[0].content.split(',')[-1].replace('X', messages[1].content)|upper|lower }}",
             "{% macro m(a) %}<t>{{ a }}{% endmacro %}{{ m(messages[0].content) }}",
             "{% set b %}<t>{{ messages[0].content }}{% endset %}{{ b[1:-1] }}",
             "{{ messages|tojson }}",
             "{{ messages|map(attribute='content')|join('<t>') }}",
             "{% for c in messages[0].content %}{{ c ~ '' }}{% endfor %}",
             "{% set ns = namespace(x='') %}{% for m in messages %}{% set ns.x = ns.x + '<t>' + m.content[::-1] %}{% "
             "endfor %}{{ ns.x }}",
         }) {
        const auto output = run(source, talk).value();
        for (std::size_t i = 0; i < output.text.bytes.size(); ++i) {
            const bool speech = std::string_view("QWXqwx").find(output.text.bytes[i]) != std::string_view::npos;
            if (speech || output.text.bytes[i] == 't') {
                EXPECT_EQ(output.text.sources[i] != 0, speech) << source << " at " << i << " of " << output.text.bytes;
            }
        }
    }
}

TEST(ChatTemplate, begins_areWhereTheLoopCameToAMessage) {
    const auto talk = OrderedJson::parse(
        R"([{"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "user", "content": "gone"}])");
    const auto output = run("<b>{{ messages[0].content }}{% for m in messages if m.role == 'user' and m.content != "
                            "'gone' %}<u>{{ m.content }}{% endfor %}<g>",
                            talk)
                            .value();
    EXPECT_EQ(output.text.bytes, "<b>S<u>U<g>");
    EXPECT_EQ(output.begins, (std::vector<std::size_t>{3, 4, std::string::npos}));
}

TEST(ChatTemplate, whatIsNoTemplate_isRefusedWithItsLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"a\n{{ 1", "line 2: a tag does not end"},
        {"{% if 1 %}", "expected endif"},
        {"{% endif %}", "endif is not read here"},
        {"{{ 'a }}", "a string does not end"},
        {"{# a", "a comment does not end"},
        {"{{ }}", "a value is missing"},
        {"{{ 1 + }}", "a value is missing"},
        {"{{ (1", "a tag does not end"},
        {"{{ (1 }}", "a } closes nothing"},
        {"{{ a ! b }}", "the character !"},
        {"{{ a[1 2] }}", "expected ]"},
        {"{{ 99999999999999999999 }}", "too large"},
        {"{% for x y %}{% endfor %}", "expected in"},
        {"{% include 'x' %}", "the tag include is not read here"},
        {"{% break %}", "the tag break is not read here"},
        {"{{ f(a=1, 2) }}", "follows one with a name"},
    };
    for (const auto& [source, words] : cases) {
        const auto program = Template::parse(source);
        ASSERT_FALSE(program) << source;
        EXPECT_NE(program.error().what().find(words), std::string::npos) << source << ": " << program.error().what();
    }
    EXPECT_FALSE(Template::parse(std::string(kMostTemplateBytes + 1, 'x')));
}

TEST(ChatTemplate, whatCannotBeDone_isAnErrorNotACrash) {
    const std::pair<const char*, const char*> cases[] = {
        {"{{ nothing.x }}", "not defined"},
        {"{{ 'a' + 1 }}", "+ is not for a string and a whole number"},
        {"{{ 1 / 0 }}", "division by zero"},
        {"{{ 1 % 0 }}", "division by zero"},
        {"{{ 9223372036854775807 + 1 }}", "too large"},
        {"{{ (0 - 9223372036854775807 - 1) // -1 }}", "too large"},
        {"{{ [1] }}", "a list has no text"},
        {"{{ 'a'.nope() }}", "no method nope"},
        {"{{ {}.nope() }}", "no method nope"},
        {"{{ 'a'|nope }}", "the filter nope"},
        {"{{ 'a' is nope }}", "the test nope"},
        {"{{ 3() }}", "a whole number is called"},
        {"{{ 'a'.__class__.__mro__ }}", "not defined"},
        {"{% set x.y = 1 %}", "only a namespace"},
        {"{% set n = namespace() %}{% set n.a = n %}", "cannot be kept"},
        {"{% set n = namespace() %}{{ [n] }}", "cannot be kept"},
        {"{% for a, b in [1] %}{% endfor %}", "cannot be taken apart"},
        {"{% for a in 3 %}{% endfor %}", "no loop can go through"},
        {"{{ range(100001) }}", "more than 100000"},
        {"{{ 'abc'[::0] }}", "other than 0"},
        {"{{ 'a'.split('') }}", "not empty"},
        {"{{ strftime_now('%Q') }}", "does not know %Q"},
    };
    for (const auto& [source, words] : cases)
        EXPECT_NE(problemOf(source).find(words), std::string::npos) << source << ": " << problemOf(source);
    const auto refused = run("{{ raise_exception('no\ntalk') }}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::BadArgument);
    EXPECT_NE(refused.error().what().find("no talk"), std::string::npos);
}

TEST(ChatTemplate, limits_endWhatWouldNotEnd) {
    const auto loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    Limits few;
    few.steps = 1'000;
    EXPECT_NE(problemOf(loops, few).find("more than 1000 steps"), std::string::npos);
    EXPECT_NE(problemOf(loops), ""); // whichever comes first
    Limits noTime;
    noTime.time = std::chrono::milliseconds(0);
    EXPECT_NE(problemOf(loops, noTime).find("longer than 0 ms"), std::string::npos);
    const auto doubling =
        "{% set ns = namespace(x='0123456789') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}";
    EXPECT_NE(problemOf(doubling).find("bytes"), std::string::npos) << problemOf(doubling);
    EXPECT_NE(problemOf("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").find("levels"), std::string::npos);
    Limits little;
    little.outputBytes = 100;
    EXPECT_NE(problemOf("{% for i in range(101) %}x{% endfor %}", little).find("100 bytes"), std::string::npos);

    const auto repeated = [](std::string_view one, int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += one;
        return text;
    };
    for (const auto& source : {"{{ " + repeated("(", 30'000) + "1" + repeated(")", 30'000) + " }}",
                               "{{ 1" + repeated(" + 1", 30'000) + " }}", "{{ a" + repeated(".b", 30'000) + " }}",
                               "{{ " + repeated("not ", 30'000) + "1 }}", "{{ a" + repeated("|trim", 30'000) + " }}",
                               repeated("{% if 1 %}", 9'000) + repeated("{% endif %}", 9'000),
                               "{{ a" + repeated(" if b else c", 9'000) + " }}",
                               "{{ " + repeated("[", 30'000) + repeated("]", 30'000) + " }}",
                               "{{ " + repeated("{'a':", 20'000) + "1" + repeated("}", 20'000) + " }}"}) {
        const auto program = Template::parse(source);
        ASSERT_FALSE(program) << source.substr(0, 20);
        EXPECT_TRUE(program.error().what().find("deep") != std::string::npos ||
                    program.error().what().find("levels") != std::string::npos ||
                    program.error().what().find("many") != std::string::npos)
            << program.error().what();
    }
}

TEST(ChatTemplate, today_isWrittenInEnglish) {
    Inputs inputs;
    inputs.now.tm_year = 126;
    inputs.now.tm_mon = 6;
    inputs.now.tm_mday = 4;
    inputs.now.tm_wday = 6;
    const auto output =
        Template::parse("{{ strftime_now('%d %b %Y, %A %B %m/%y %H:%M:%S %%') }}").value().render(inputs).value();
    EXPECT_EQ(output.text.bytes, "04 Jul 2026, Saturday July 07/26 00:00:00 %");
}

} // namespace
} // namespace bathy::tokenizer::jinja
