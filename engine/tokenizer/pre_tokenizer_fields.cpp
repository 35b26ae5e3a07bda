#include "engine/tokenizer/pre_tokenizer_fields.h"

#include "engine/tokenizer/json_fields.h"
#include "engine/tokenizer/pattern.h"

namespace bathy::tokenizer {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxSplits = 16;
// ByteLevel with use_regex: the splits of GPT-2.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// The component itself, or the list inside a Sequence. Sequences in sequences do not occur and are refused by the
// readers as an unknown type.
Result<std::vector<Json>> components(const Json& root, const char* field, const char* listName) {
    const auto it = root.find(field);
    if (it == root.end() || it->is_null())
        return std::vector<Json>{};
    if (!it->is_object())
        return badField(field, "is no object");
    if (stringOr(*it, "type", "") != "Sequence")
        return std::vector<Json>{*it};
    const auto list = it->find(listName);
    if (list == it->end() || !list->is_array())
        return badField(std::string(field) + "." + listName, "is no list");
    for (const auto& entry : *list)
        if (!entry.is_object())
            return badField(std::string(field) + "." + listName, "holds something that is no object");
    return list->get<std::vector<Json>>();
}

Result<Keep> readKeep(const Json& split, const std::string& field) {
    BATHY_TRY(const bool invert, readFlag(split, "invert", field));
    const auto behavior = stringOr(split, "behavior", "missing");
    if (behavior == "Isolated")
        return Keep::All;
    if (behavior == "Removed")
        return invert ? Keep::Matches : Keep::Gaps;
    return unsupported(field + ".behavior", behavior);
}

Result<SplitRule> readSplit(const Json& split, const std::string& field) {
    SplitRule rule;
    BATHY_TRY(rule.keep, readKeep(split, field));
    const auto pattern = split.find("pattern");
    if (pattern == split.end() || !pattern->is_object() || pattern->size() != 1 || !pattern->begin()->is_string())
        return badField(field + ".pattern", "is neither a Regex nor a String");
    const auto& text = pattern->begin()->get_ref<const std::string&>();
    if (pattern->begin().key() == "String") {
        rule.pattern = literalPattern(text);
        return rule;
    }
    if (pattern->begin().key() != "Regex")
        return unsupported(field + ".pattern", pattern->begin().key());
    auto translated = translatePattern(text);
    if (!translated)
        return std::move(translated).error().withContext(field + ".pattern");
    rule.pattern = std::move(*translated);
    return rule;
}

Result<void> readByteLevel(const Json& component, const std::string& field, std::vector<SplitRule>& rules) {
    BATHY_TRY(const bool prefixSpace, readFlag(component, "add_prefix_space", field));
    if (prefixSpace)
        return unsupported(field + ".add_prefix_space", "true");
    const bool given = component.contains("use_regex") && !component["use_regex"].is_null();
    BATHY_TRY(const bool useRegex, readFlag(component, "use_regex", field));
    if (useRegex || !given) {
        BATHY_TRY(auto pattern, translatePattern(kGpt2Pattern));
        rules.push_back({std::move(pattern), Keep::All});
    }
    return {};
}

} // namespace

Result<std::vector<SplitRule>> readPreTokenizer(const Json& root) {
    BATHY_TRY(const auto list, components(root, "pre_tokenizer", "pretokenizers"));
    if (list.size() > kMaxSplits)
        return badField("pre_tokenizer", "has " + std::to_string(list.size()) + " parts");
    std::vector<SplitRule> rules;
    bool byteLevel = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto field = "pre_tokenizer[" + std::to_string(i) + "]";
        const auto type = stringOr(list[i], "type", "missing");
        if (byteLevel)
            return badField(field, "stands behind ByteLevel, which must be the last part");
        if (type == "Split") {
            BATHY_TRY(auto rule, readSplit(list[i], field));
            rules.push_back(std::move(rule));
        } else if (type == "Digits") {
            BATHY_TRY(const bool single, readFlag(list[i], "individual_digits", field));
            rules.push_back({single ? "\\p{N}" : "\\p{N}+", Keep::All});
        } else if (type == "ByteLevel") {
            BATHY_CHECK(readByteLevel(list[i], field, rules));
            byteLevel = true;
        } else {
            return unsupported(field + ".type", type);
        }
    }
    if (!byteLevel)
        return unsupported("pre_tokenizer", "a model without ByteLevel");
    return rules;
}

Result<bool> readNormalizer(const Json& root) {
    BATHY_TRY(const auto list, components(root, "normalizer", "normalizers"));
    for (const auto& normalizer : list)
        if (const auto type = stringOr(normalizer, "type", "missing"); type != "NFC")
            return unsupported("normalizer.type", type);
    return !list.empty();
}

Result<void> checkDecoder(const Json& root) {
    BATHY_TRY(const auto list, components(root, "decoder", "decoders"));
    for (const auto& decoder : list)
        if (const auto type = stringOr(decoder, "type", "missing"); type != "ByteLevel")
            return unsupported("decoder.type", type);
    return {};
}

// A template only matters to callers who let the tokenizer add tokens. The chat encoding writes its own.
Result<void> checkPostProcessor(const Json& root) {
    BATHY_TRY(const auto list, components(root, "post_processor", "processors"));
    for (const auto& processor : list)
        if (const auto type = stringOr(processor, "type", "missing");
            type != "ByteLevel" && type != "TemplateProcessing")
            return unsupported("post_processor.type", type);
    return {};
}

} // namespace bathy::tokenizer
