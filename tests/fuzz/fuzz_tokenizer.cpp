// tokenizer.json is from outside. Whatever it holds, loading ends in a tokenizer or an error, and a tokenizer that
// loads encodes any text without losing a byte, unless its own splits remove some.
#include "engine/tokenizer/stream_decoder.h"
#include "engine/tokenizer/tokenizer.h"

#include <array>
#include <cstdlib>

using namespace bathy::tokenizer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json(reinterpret_cast<const char*>(data), size);
    const auto tokenizer = Tokenizer::parse(json, "fuzz");
    if (!tokenizer)
        return 0;
    const bool removes = json.find("Removed") != std::string_view::npos;
    static const std::array<std::string, 4> kTexts = {
        "The <think> 1234 \xE4\xBD\xA0\xE5\xA5\xBD\n\n  x", "\xFF\xC3 a\xF0\x9F",
        std::string(300, ' ') + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", ""};
    for (const auto& text : kTexts)
        for (const auto special : {Special::Never, Special::Parse}) {
            const auto ids = tokenizer->encode(text, special);
            if (!ids)
                continue;
            const auto decoded = tokenizer->decodeBytes(*ids);
            if (special == Special::Never && !removes && decoded != text)
                std::abort();
            StreamDecoder decoder(*tokenizer);
            for (const auto id : *ids) {
                if (special == Special::Never && tokenizer->isAdded(id))
                    std::abort();
                (void)decoder.feed(id);
            }
            (void)decoder.finish();
        }
    return 0;
}
