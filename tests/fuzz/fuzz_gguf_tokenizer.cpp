// Bytes from outside as a GGUF file with a tokenizer: what its metadata says becomes a tokenizer or a clean error.
#include "engine/checkpoint/gguf_header.h"
#include "engine/runtime/model_tokenizer.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto header = bathy::checkpoint::parseGgufHeader(std::as_bytes(std::span(data, size)), "fuzz.gguf");
    if (!header)
        return 0;
    const auto json = bathy::runtime::tokenizerJsonOf(header->metadata);
    if (!json)
        return json.error().what().empty() ? std::abort(), 0 : 0;
    const auto tokenizer = bathy::tokenizer::Tokenizer::parse(*json, "fuzz.gguf");
    if (!tokenizer)
        return tokenizer.error().what().empty() ? std::abort(), 0 : 0;
    const auto ids = tokenizer->encode("Hello, 12345 wörld\n", bathy::tokenizer::Special::Never);
    if (ids && tokenizer->decodeBytes(*ids) != "Hello, 12345 wörld\n")
        std::abort();
    return 0;
}
