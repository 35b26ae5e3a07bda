// What the name of a weight file says: base, quantisation, shard. Pure functions. The scheme is that of GGUF files:
// Base-Size-Finetune-Version-Encoding-00001-of-00009.gguf; repositories take liberties with it, so nothing is required.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bathy::library {

enum class WeightFormat { None, Safetensors, Gguf };

// By the end of the name.
WeightFormat formatOf(std::string_view fileName);

struct FileName {
    std::string stem;         // without shard numbers and ending: "DeepSeek-R1-UD-Q4_K_M"
    std::string base;         // without quantisation as well: "DeepSeek-R1"
    std::string quantisation; // upper case: "UD-Q4_K_M"; empty when the name says none
    std::size_t shard = 0;    // 1..shards; 0: no part of a set
    std::size_t shards = 0;
    std::size_t digits = 0; // of the shard numbers
};
FileName parseFileName(std::string_view fileName);

// The name of another shard of the set.
std::string shardName(const FileName& name, std::size_t shard, std::string_view ending);

// Whether a word is the name of a number format for weights: "Q4_K_M", "iq2_xxs", "BF16", "mxfp4".
bool isQuantisation(std::string_view word);

} // namespace bathy::library
