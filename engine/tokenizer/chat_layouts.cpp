#include "engine/tokenizer/chat_layouts.h"

#include <algorithm>
#include <array>

namespace bathy::tokenizer {
namespace {

constexpr std::string_view kDeepseekV2 = R"({{ bos_token }}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ 'User: ' + m.content + '\n\n' }}
{%- elif m.role == 'assistant' %}{{ 'Assistant: ' + m.content + eos_token }}
{%- else %}{{ m.content + '\n\n' }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}Assistant:{% endif %})";

constexpr std::string_view kDeepseekV3 = R"({%- set ns = namespace(system='') %}
{%- for m in messages if m.role == 'system' %}{% set ns.system = ns.system + ('\n\n' if ns.system else '') + m.content %}{% endfor %}
{{- bos_token + ns.system }}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'assistant' %}{{ '<｜Assistant｜>' + m.content + eos_token }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<｜Assistant｜>{% endif %})";

constexpr std::string_view kDeepseekR1 = R"({%- set ns = namespace(system='') %}
{%- for m in messages if m.role == 'system' %}{% set ns.system = m.content %}{% endfor %}
{{- bos_token + ns.system }}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'assistant' %}{{ '<｜Assistant｜>' + m.content.split('</think>')[-1] + eos_token }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<｜Assistant｜><think>\n' }}{% endif %})";

constexpr std::string_view kDeepseekV31 = R"({%- set ns = namespace(system='') %}
{%- for m in messages if m.role == 'system' %}{% set ns.system = ns.system + ('\n\n' if ns.system else '') + m.content %}{% endfor %}
{{- bos_token + ns.system }}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'assistant' %}{{ '<｜Assistant｜></think>' + m.content.split('</think>', 1)[-1] + eos_token }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<｜Assistant｜>' + ('<think>' if thinking else '</think>') }}{% endif %})";

constexpr std::string_view kDeepseekV32 = R"({%- set ns = namespace(last=-1) %}
{%- for m in messages if m.role == 'user' %}{% set ns.last = m.index %}{% endfor %}
{{- bos_token }}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ '<｜User｜>' + m.content + '<｜Assistant｜>' + ('<think>' if thinking and m.index == ns.last else '</think>') }}
{%- elif m.role == 'assistant' %}
{%- if thinking and m.index > ns.last %}{{ (m.reasoning_content or '') + '</think>' }}{% endif %}{{ m.content + eos_token }}
{%- else %}{{ m.content }}{% endif %}
{%- endfor %})";

constexpr std::string_view kQwen2 =
    R"({%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";

constexpr std::string_view kQwen3 = R"({%- set ns = namespace(last=-1) %}
{%- for m in messages if m.role == 'user' %}{% set ns.last = m.index %}{% endfor %}
{%- for m in messages %}
{{- '<|im_start|>' + m.role + '\n' }}
{%- if m.role == 'assistant' %}
{%- if m.index > ns.last and m.reasoning_content %}{{ '<think>\n' + m.reasoning_content.strip('\n') + '\n</think>\n\n' }}{% endif %}
{{- m.content.split('</think>')[-1].lstrip('\n') }}
{%- else %}{{ m.content }}{% endif %}
{{- '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' + ('' if enable_thinking else '<think>\n\n</think>\n\n') }}{% endif %})";

constexpr std::string_view kLlama3 = R"({{ bos_token }}
{%- for m in messages %}
{{- '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' + m.content | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %})";

constexpr std::array kLayouts{
    ChatLayout{"deepseek_v2", kDeepseekV2},
    ChatLayout{"deepseek_v3", kDeepseekV3},
    ChatLayout{"deepseek_r1", kDeepseekR1},
    ChatLayout{"deepseek_v3.1", kDeepseekV31},
    ChatLayout{"deepseek_v3.2", kDeepseekV32},
    ChatLayout{"qwen2", kQwen2},
    ChatLayout{"qwen3", kQwen3},
    ChatLayout{"llama3", kLlama3},
};

} // namespace

const ChatLayout* chatLayout(std::string_view name) {
    const auto found =
        std::find_if(kLayouts.begin(), kLayouts.end(), [&](const ChatLayout& layout) { return layout.name == name; });
    return found == kLayouts.end() ? nullptr : &*found;
}

const ChatLayout* chatLayoutFor(const Tokenizer& tokenizer, std::string_view modelType) {
    const auto has = [&](std::string_view marker) { return tokenizer.findAdded(marker).has_value(); };
    const bool thinks = has("<think>");
    if (has("<｜User｜>"))
        return chatLayout(modelType == "deepseek_v32" || has("｜DSML｜") ? "deepseek_v3.2"
                          : has("<｜search▁begin｜>")                    ? "deepseek_v3.1"
                          : thinks                                       ? "deepseek_r1"
                                                                         : "deepseek_v3");
    if (has("<|im_start|>"))
        return chatLayout(thinks ? "qwen3" : "qwen2");
    if (has("<|start_header_id|>"))
        return chatLayout("llama3");
    return modelType == "deepseek_v2" ? chatLayout("deepseek_v2") : nullptr;
}

} // namespace bathy::tokenizer
