// A conversation through a chat template. What people wrote stays apart from what the template wrote, byte by byte.
#pragma once

#include "engine/tokenizer/chat_encoding.h"
#include "engine/tokenizer/jinja/template.h"

#include <ctime>

namespace bathy::tokenizer {

struct ChatTemplate {
    jinja::Template program;
    std::string beginToken; // bos_token and eos_token
    std::string endToken;
};

// Templates see messages as {role, content, index, reasoning_content (where there is some)}, and also
// add_generation_prompt (unless an answer comes last), bos_token, eos_token, enable_thinking, thinking. An answer to go
// on with (withoutEnd, last) is put behind what opens an answer.
// Errors: BadArgument (roles and tasks that only V4 has, the template refuses), Unsupported (an effort), those of
// Template::render.
Result<Rendered> renderTemplate(const std::vector<Message>& messages, const ChatOptions& options,
                                const ChatTemplate& chat, const std::tm& now);

} // namespace bathy::tokenizer
