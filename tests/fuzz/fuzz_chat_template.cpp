// Text from outside as a chat template: a program that ends soon, or a clean error. What a message said never counts as
// said by the template.
#include "engine/tokenizer/jinja/template.h"

#include <cstdlib>

using namespace bathy::tokenizer::jinja;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string source(reinterpret_cast<const char*>(data), size);
    const auto program = Template::parse(source);
    if (!program)
        return program.error().what().empty() ? std::abort(), 0 : 0;
    Inputs inputs;
    List messages;
    for (const auto* role : {"system", "user", "assistant", "user"}) {
        Dict message;
        message.message = static_cast<Source>(messages.size() + 1);
        message.set("role", Value(Text(role)));
        message.set("content", Value(Text(" a\x01"
                                          "b</think>\n\x01\xc3\xa9\xff ",
                                          message.message)));
        messages.emplace_back(std::move(message));
    }
    inputs.messages = messages.size();
    inputs.names.set("messages", Value(std::move(messages)));
    inputs.names.set("bos_token", Value(Text("<s>")));
    inputs.names.set("add_generation_prompt", Value(true));
    Limits limits;
    limits.steps = 100'000;
    limits.outputBytes = 1 << 16;
    const auto output = program->render(inputs, limits);
    if (!output)
        return output.error().what().empty() ? std::abort(), 0 : 0;
    if (output->text.bytes.size() != output->text.sources.size())
        std::abort();
    if (source.find('\x01') != std::string::npos || source.find('\\') != std::string::npos)
        return 0; // the template can say that character itself
    for (std::size_t i = 0; i < output->text.bytes.size(); ++i)
        if (output->text.bytes[i] == '\x01' && output->text.sources[i] == 0)
            std::abort();
    return 0;
}
