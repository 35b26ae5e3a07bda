#include "engine/tokenizer/jinja/template.h"

#include "engine/tokenizer/jinja/interpreter.h"
#include "engine/tokenizer/jinja/parser.h"

#include <algorithm>

namespace bathy::tokenizer::jinja {

struct Template::Program {
    Block block;
};

Template::Template(std::unique_ptr<const Program> program) : m_program(std::move(program)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source) {
    if (source.size() > kMostTemplateBytes)
        return Error(ErrorCode::BadFile, "the chat template has " + std::to_string(source.size()) +
                                             " bytes, the limit is " + std::to_string(kMostTemplateBytes));
    BATHY_TRY(auto block, jinja::parse(source));
    return Template(std::make_unique<const Program>(Program{std::move(block)}));
}

Result<Output> Template::render(const Inputs& inputs, const Limits& limits) const {
    Interpreter interpreter(inputs, limits);
    BATHY_CHECK(interpreter.run(m_program->block));
    Output output{interpreter.takeOutput(), interpreter.takeBegins()};
    const auto& sources = output.text.sources;
    for (std::size_t i = 0; i < output.begins.size(); ++i) {
        const auto said = sources.find(static_cast<Source>(std::min<std::size_t>(i + 1, kMostSources)));
        output.begins[i] = std::min(output.begins[i], said);
    }
    return output;
}

} // namespace bathy::tokenizer::jinja
