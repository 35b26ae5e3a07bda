#include "engine/tokenizer/utf8.h"

namespace bathy::tokenizer {
namespace {

struct Lead {
    std::uint8_t length; // bytes of the character, 0: cannot begin one
    std::uint8_t low;    // range of the second byte
    std::uint8_t high;
};

// Unicode standard, table 3-7.
constexpr Lead leadOf(std::uint8_t byte) {
    if (byte < 0x80)
        return {1, 0, 0};
    if (byte >= 0xC2 && byte <= 0xDF)
        return {2, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return {3, static_cast<std::uint8_t>(byte == 0xE0 ? 0xA0 : 0x80),
                static_cast<std::uint8_t>(byte == 0xED ? 0x9F : 0xBF)};
    if (byte >= 0xF0 && byte <= 0xF4)
        return {4, static_cast<std::uint8_t>(byte == 0xF0 ? 0x90 : 0x80),
                static_cast<std::uint8_t>(byte == 0xF4 ? 0x8F : 0xBF)};
    return {0, 0, 0};
}

} // namespace

Utf8Step utf8Step(std::string_view text) {
    const auto byteAt = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const Lead lead = leadOf(byteAt(0));
    if (lead.length == 0)
        return {Utf8State::Invalid, 1, 0};
    if (lead.length == 1)
        return {Utf8State::Whole, 1, byteAt(0)};
    char32_t character = byteAt(0) & (0x7FU >> lead.length);
    for (std::uint8_t i = 1; i < lead.length; ++i) {
        if (i == text.size())
            return {Utf8State::Open, i, 0};
        const auto byte = byteAt(i);
        const std::uint8_t low = i == 1 ? lead.low : 0x80;
        const std::uint8_t high = i == 1 ? lead.high : 0xBF;
        if (byte < low || byte > high)
            return {Utf8State::Invalid, i, 0};
        character = character << 6U | (byte & 0x3FU);
    }
    return {Utf8State::Whole, lead.length, character};
}

std::size_t utf8ValidPrefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (static_cast<std::uint8_t>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const auto step = utf8Step(text.substr(at));
        if (step.state != Utf8State::Whole)
            break;
        at += step.length;
    }
    return at;
}

std::string utf8Lossy(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto good = utf8ValidPrefix(text);
        result.append(text.substr(0, good));
        text.remove_prefix(good);
        if (text.empty())
            break;
        result.append(kReplacement);
        text.remove_prefix(utf8Step(text).length);
    }
    return result;
}

void utf8Append(std::string& text, char32_t character) {
    const auto put = [&](char32_t value) { text.push_back(static_cast<char>(value)); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xC0 | character >> 6U);
        put(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        put(0xE0 | character >> 12U);
        put(0x80 | (character >> 6U & 0x3F));
        put(0x80 | (character & 0x3F));
    } else {
        put(0xF0 | character >> 18U);
        put(0x80 | (character >> 12U & 0x3F));
        put(0x80 | (character >> 6U & 0x3F));
        put(0x80 | (character & 0x3F));
    }
}

} // namespace bathy::tokenizer
