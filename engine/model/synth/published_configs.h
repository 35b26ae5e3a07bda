// config.json of published models, and of tiny ones that have the same kinds of layers. One function per preset.
#pragma once

#include <nlohmann/json.hpp>

namespace bathy::model::synth {

using Json = nlohmann::ordered_json;

Json v4FlashConfig();
Json v4ProConfig();
Json tinyV4Config();
Json tinyV4bConfig();

Json v3Config();
Json v32Config();
Json v2LiteConfig();
Json tinyV3Config();
Json tinyV32Config();

Json r1Qwen15bConfig();
Json r1Qwen7bConfig();
Json r1Llama8bConfig();
Json tinyQwen2Config();
Json tinyQwen3Config();
Json tinyLlamaConfig();

} // namespace bathy::model::synth
