#include "engine/tokenizer/gguf_tokenizer.h"

#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/gguf_rules.h"
#include "engine/tokenizer/json_fields.h"
#include "engine/tokenizer/regex.h"
#include "engine/tokenizer/tokenizer_file.h"
#include "engine/tokenizer/utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace bathy::tokenizer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxTokens = 1'048'576;

Json splits(const GgufRule& rule) {
    auto list = Json::array();
    for (const auto pattern : rule.patterns)
        list.push_back(
            {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}, {"invert", false}});
    list.push_back({{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}});
    return list;
}

Error unreadable(const std::string& problem) {
    return Error(ErrorCode::Unsupported, problem, "other ways of cutting text would give other tokens");
}

Result<const GgufRule*> ruleOf(const GgufTokenizer& gguf) {
    if (gguf.model != "gpt2")
        return unreadable("tokenizer.ggml.model is " + inQuotes(gguf.model) + ", only gpt2 (byte-level BPE) is read");
    if (const auto* rule = ggufRule(gguf.pre))
        return rule;
    std::string known;
    for (const auto& rule : ggufRules())
        known.append(known.empty() ? "" : ", ").append(rule.name);
    return unreadable("tokenizer.ggml.pre is " + inQuotes(gguf.pre) + ", known are " + known);
}

Result<void> checkTexts(const char* key, const std::vector<std::string_view>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (utf8ValidPrefix(texts[i]) != texts[i].size())
            return badField(std::string(key) + "[" + std::to_string(i) + "]", "is no UTF-8");
    return {};
}

Result<void> checkSizes(const GgufTokenizer& gguf) {
    if (gguf.tokens.empty() || gguf.tokens.size() > kMaxTokens)
        return badField("tokenizer.ggml.tokens", "has " + std::to_string(gguf.tokens.size()) + " entries");
    if (!gguf.kinds.empty() && gguf.kinds.size() != gguf.tokens.size())
        return badField("tokenizer.ggml.token_type", "has " + std::to_string(gguf.kinds.size()) + " entries for " +
                                                         std::to_string(gguf.tokens.size()) + " tokens");
    BATHY_CHECK(checkTexts("tokenizer.ggml.tokens", gguf.tokens));
    return checkTexts("tokenizer.ggml.merges", gguf.merges);
}

Json addedToken(std::size_t id, std::string_view text, bool special) {
    return {{"id", id},        {"content", text}, {"special", special},  {"normalized", false},
            {"lstrip", false}, {"rstrip", false}, {"single_word", false}};
}

struct Tables {
    Json vocabulary = Json::object();
    Json added = Json::array();
};

Result<Tables> tablesOf(const GgufTokenizer& gguf) {
    Tables tables;
    std::unordered_set<std::string_view> seen;
    for (std::size_t id = 0; id < gguf.tokens.size(); ++id) {
        const auto field = "tokenizer.ggml.tokens[" + std::to_string(id) + "]";
        const auto kind = gguf.kinds.empty() ? GgufTokenKind::Normal : static_cast<GgufTokenKind>(gguf.kinds[id]);
        if (kind == GgufTokenKind::Unused)
            continue; // padding rows of the embedding
        const auto text = gguf.tokens[id];
        if (text.empty())
            return badField(field, "is empty");
        if (!seen.insert(text).second)
            return badField(field, "repeats " + inQuotes(text));
        switch (kind) {
        case GgufTokenKind::Normal:
            tables.vocabulary[std::string(text)] = id;
            break;
        case GgufTokenKind::Unknown:
        case GgufTokenKind::Control:
            tables.added.push_back(addedToken(id, text, true));
            break;
        case GgufTokenKind::UserDefined:
            tables.added.push_back(addedToken(id, text, false));
            break;
        default:
            return unsupported("tokenizer.ggml.token_type[" + std::to_string(id) + "]", std::to_string(gguf.kinds[id]));
        }
    }
    return tables;
}

// Published files write a quotation mark inside of brackets with a backslash or without, and line breaks as themselves
// or as escapes; here each has one form.
std::string oneForm(std::string_view pattern) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        if (c == '\r' || c == '\n') {
            result += c == '\r' ? "\\r" : "\\n";
        } else if (c == '\\' && at + 1 < pattern.size()) {
            ++at;
            if (pattern[at] != '"')
                result += c;
            result += pattern[at];
        } else {
            result += c;
        }
    }
    return result;
}

// Whether a token of the vocabulary spans two number characters or more.
Result<bool> joinsDigits(const Json& root) {
    BATHY_TRY(const auto two, Regex::compile("\\p{N}{2}"));
    Regex::Scratch scratch;
    for (const auto& [key, id] : root["model"]["vocab"].items()) {
        const auto text = bytesOfSymbols(key);
        if (!text || utf8ValidPrefix(*text) != text->size())
            continue;
        BATHY_TRY(const auto found, two.find(*text, 0, scratch));
        if (found)
            return true;
    }
    return false;
}

// The patterns of the components before ByteLevel. Single digits, as DeepSeek-V2 publishes its last step, are the same
// as the whole numbers that GGUF's rule cuts, where no token joins two of them. In runs of other scripts' digits, of
// several bytes each, a token can still join the end of one to the beginning of the next: there GGUF files of these
// models, whoever wrote them, give other tokens than the published file.
Result<std::vector<std::string>> patternsOf(const Json& root) {
    std::vector<std::string> patterns;
    const auto pre = root.find("pre_tokenizer");
    if (pre == root.end() || !pre->is_object())
        return patterns;
    const auto list = pre->contains("pretokenizers") ? (*pre)["pretokenizers"] : Json::array({*pre});
    for (const auto& part : list) {
        if (!part.is_object())
            continue;
        if (stringOr(part, "type", "") == "Digits") {
            BATHY_TRY(const bool joins, joinsDigits(root));
            const bool single = part.value("individual_digits", false) && joins;
            patterns.push_back(single ? "\\p{N}" : "\\p{N}+");
            continue;
        }
        if (stringOr(part, "type", "") != "Split" || !part.contains("pattern"))
            continue;
        patterns.push_back(oneForm(stringOr(part["pattern"], "Regex", "")));
    }
    return patterns;
}

Result<std::string> ruleNameOf(const Json& root) {
    BATHY_TRY(const auto patterns, patternsOf(root));
    for (const auto& rule : ggufRules())
        if (std::equal(patterns.begin(), patterns.end(), rule.patterns.begin(), rule.patterns.end()))
            return std::string(rule.name);
    return unreadable("pre_tokenizer cuts text in a way that GGUF has no name for");
}

// Published files have an empty list of normalizers where others have none.
bool normalizes(const Json& root) {
    const auto normalizer = root.find("normalizer");
    if (normalizer == root.end() || !normalizer->is_object())
        return false;
    const auto list = normalizer->find("normalizers");
    return list == normalizer->end() || !list->empty();
}

// GGUF keeps an added token's text and whether it is special, nothing else.
Result<void> checkAdded(const Json& token, bool normalizes) {
    for (const char* flag : {"lstrip", "rstrip", "single_word", "normalized"})
        if (token.value(flag, false) && (normalizes || std::string_view(flag) != "normalized"))
            return unreadable("added token " + inQuotes(token.value("content", std::string())) + " has " + flag +
                              ", which GGUF cannot say");
    return {};
}

Result<void> place(GgufTokenizerText& out, const Json& id, const std::string& text, GgufTokenKind kind) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMaxTokens)
        return badField("id of " + inQuotes(text), "is outside 0 to " + std::to_string(kMaxTokens - 1));
    const auto index = id.get<std::size_t>();
    while (out.tokens.size() <= index) {
        out.tokens.push_back("[PAD" + std::to_string(out.tokens.size()) + "]");
        out.kinds.push_back(static_cast<std::int32_t>(GgufTokenKind::Unused));
    }
    out.tokens[index] = text;
    out.kinds[index] = static_cast<std::int32_t>(kind);
    return {};
}

} // namespace

Result<std::string> tokenizerJson(const GgufTokenizer& gguf) {
    BATHY_TRY(const auto* rule, ruleOf(gguf));
    BATHY_CHECK(checkSizes(gguf));
    BATHY_TRY(auto tables, tablesOf(gguf));
    Json root;
    root["version"] = "1.0";
    root["added_tokens"] = std::move(tables.added);
    root["normalizer"] = rule->composes ? Json{{"type", "NFC"}} : Json();
    root["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", splits(*rule)}};
    root["decoder"] = {{"type", "ByteLevel"}};
    root["model"] = {{"type", "BPE"},
                     {"ignore_merges", rule->ignoresMerges},
                     {"vocab", std::move(tables.vocabulary)},
                     {"merges", gguf.merges}};
    return root.dump();
}

Result<GgufTokenizerText> ggufTokenizer(std::string_view text) {
    BATHY_CHECK(readTokenizerFile(text, "tokenizer.json")); // so that every field below is what it should be
    const auto root = Json::parse(text.begin(), text.end());
    const auto& model = root["model"];
    GgufTokenizerText out;
    BATHY_TRY(out.pre, ruleNameOf(root));
    for (const auto& [key, id] : model["vocab"].items())
        BATHY_CHECK(place(out, id, key, GgufTokenKind::Normal));
    const auto added = root.find("added_tokens");
    for (const auto& token : added == root.end() || added->is_null() ? Json::array() : *added) {
        BATHY_CHECK(checkAdded(token, normalizes(root)));
        BATHY_CHECK(place(out, token.value("id", Json()), token.value("content", std::string()),
                          token.value("special", false) ? GgufTokenKind::Control : GgufTokenKind::UserDefined));
    }
    for (const auto& merge : model["merges"]) {
        out.merges.push_back(merge.is_array() ? merge[0].get<std::string>() + " " + merge[1].get<std::string>()
                                              : merge.get<std::string>());
    }
    return out;
}

} // namespace bathy::tokenizer
