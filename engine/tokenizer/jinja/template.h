// A chat template of a model: a program in a part of Jinja that writes a conversation the way the model was trained to
// read it. It runs without access to anything but its inputs and within limits; the text it makes says of each byte
// whether the template or a message said it. Immutable after parsing, any thread. Specification of the formats,
// section 16.3.
#pragma once

#include "engine/base/result.h"
#include "engine/tokenizer/jinja/budget.h"
#include "engine/tokenizer/jinja/value.h"

#include <ctime>
#include <memory>
#include <string_view>
#include <vector>

namespace bathy::tokenizer::jinja {

inline constexpr std::size_t kMostTemplateBytes = 256 << 10;

struct Inputs {
    Dict names;               // what the template may call by name
    std::tm now{};            // of strftime_now
    std::size_t messages = 0; // how many; they have 1 to `messages` as Dict::message
};

struct Output {
    Text text;
    // Where the loop came to each message, if it wrote anything for it then; else where the first byte of it stands.
    // npos: nothing of it was written.
    std::vector<std::size_t> begins;
};

class Template {
public:
    // Errors: BadFile with the line, Unsupported (something of Jinja that is not read here).
    static Result<Template> parse(std::string_view source);

    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();

    // Errors: BadArgument (the template itself refuses the conversation: raise_exception), BadFile (it fails, or passes
    // a limit).
    Result<Output> render(const Inputs& inputs, const Limits& limits = {}) const;

private:
    struct Program;
    explicit Template(std::unique_ptr<const Program> program);
    std::unique_ptr<const Program> m_program;
};

} // namespace bathy::tokenizer::jinja
