#include "engine/evaluate/match.h"

#include <nlohmann/json.hpp>
#include <string>

namespace bathy::evaluate {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

// Letters beyond ASCII count as letters.
bool isWord(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool containsWhole(std::string_view answer, std::string_view expected) {
    for (auto at = answer.find(expected); at != std::string_view::npos; at = answer.find(expected, at + 1)) {
        const auto end = at + expected.size();
        const bool cutBefore = at > 0 && isWord(answer[at - 1]) && isWord(expected.front());
        const bool cutAfter = end < answer.size() && isWord(answer[end]) && isWord(expected.back());
        if (!cutBefore && !cutAfter)
            return true;
    }
    return false;
}

// Digits without leading zeros, a point only before digits that do not end in 0, a minus only before other than 0.
std::string canonical(bool negative, std::string whole, std::string fraction) {
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (whole.empty())
        whole = "0";
    if (!fraction.empty())
        whole += "." + fraction;
    return negative && whole != "0" ? "-" + whole : whole;
}

// The last number in a text in canonical form: decimal strings compare exactly, whatever their length.
std::optional<std::string> lastNumber(std::string_view text) {
    std::optional<std::string> last;
    for (std::size_t i = 0; i < text.size();) {
        if (!isDigit(text[i])) {
            ++i;
            continue;
        }
        const bool negative = i > 0 && text[i - 1] == '-' && (i < 2 || !isWord(text[i - 2]));
        std::string whole;
        std::string fraction;
        const auto digitAfter = [&] { return i + 1 < text.size() && isDigit(text[i + 1]); };
        for (; i < text.size() && (isDigit(text[i]) || (text[i] == ',' && digitAfter())); ++i)
            if (text[i] != ',')
                whole += text[i];
        if (i < text.size() && text[i] == '.' && digitAfter())
            for (++i; i < text.size() && isDigit(text[i]); ++i)
                fraction += text[i];
        last = canonical(negative, std::move(whole), std::move(fraction));
    }
    return last;
}

Json parsed(std::string_view text) {
    return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

} // namespace

std::optional<Match> matchFromName(std::string_view name) {
    if (name == "exact")
        return Match::Exact;
    if (name == "contains")
        return Match::Contains;
    if (name == "json")
        return Match::Json;
    if (name == "number")
        return Match::Number;
    return std::nullopt;
}

bool canMatch(Match match, std::string_view expected) {
    switch (match) {
    case Match::Exact:
    case Match::Contains:
        return !trimmed(expected).empty();
    case Match::Json:
        return !parsed(expected).is_discarded();
    case Match::Number:
        return lastNumber(expected).has_value();
    }
    return false;
}

bool matches(Match match, std::string_view expected, std::string_view answer) {
    switch (match) {
    case Match::Exact:
        return trimmed(answer) == trimmed(expected);
    case Match::Contains:
        return containsWhole(answer, trimmed(expected));
    case Match::Json: {
        const auto value = parsed(trimmed(answer));
        return !value.is_discarded() && value == parsed(expected);
    }
    case Match::Number: {
        const auto number = lastNumber(answer);
        return number && number == lastNumber(expected);
    }
    }
    return false;
}

} // namespace bathy::evaluate
