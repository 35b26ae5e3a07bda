#include "engine/tokenizer/byte_alphabet.h"

#include "engine/tokenizer/utf8.h"

#include <array>

namespace bathy::tokenizer {
namespace {

constexpr bool standsForItself(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
    std::array<char32_t, 256> symbols{};
    std::array<std::int16_t, 0x144> bytes{}; // by character, -1: none; the last one in use is U+0143

    constexpr Alphabet() {
        bytes.fill(-1);
        char32_t next = 0x100;
        for (unsigned byte = 0; byte < 256; ++byte) {
            symbols[byte] = standsForItself(byte) ? byte : next++;
            bytes[symbols[byte]] = static_cast<std::int16_t>(byte);
        }
    }
};
constexpr Alphabet kAlphabet;

} // namespace

char32_t symbolOfByte(std::uint8_t byte) {
    return kAlphabet.symbols[byte];
}

std::optional<std::string> bytesOfSymbols(std::string_view key) {
    std::string bytes;
    while (!key.empty()) {
        const auto step = utf8Step(key);
        if (step.state != Utf8State::Whole || step.character >= kAlphabet.bytes.size() ||
            kAlphabet.bytes[step.character] < 0)
            return std::nullopt;
        bytes.push_back(static_cast<char>(kAlphabet.bytes[step.character]));
        key.remove_prefix(step.length);
    }
    return bytes;
}

} // namespace bathy::tokenizer
