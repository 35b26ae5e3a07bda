#include "engine/tokenizer/tokenizer_file.h"

#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/json_fields.h"
#include "engine/tokenizer/pre_tokenizer_fields.h"
#include "engine/tokenizer/utf8.h"

#include <algorithm>

namespace bathy::tokenizer {
namespace {

// Far above every published vocabulary (the largest known has 262,144 tokens), far below what hurts.
constexpr std::int64_t kMaxId = 1'048'575;
constexpr std::size_t kMaxMerges = 2'097'152;
constexpr std::size_t kMaxTokenBytes = 4096;

using Json = nlohmann::json;
using KeyTable = std::unordered_map<std::string, std::int32_t>;

Result<std::int32_t> readId(const Json& value, const std::string& field) {
    if (!value.is_number_integer())
        return badField(field, "is no integer");
    if (value.is_number_unsigned() ? value.get<std::uint64_t>() > kMaxId : value.get<std::int64_t>() < 0)
        return badField(field, value.dump() + " is outside 0 to " + std::to_string(kMaxId));
    return value.get<std::int32_t>();
}

// Settings that change how text is cut and that byte-level models do not use.
Result<void> checkModelSettings(const Json& model) {
    if (const auto type = stringOr(model, "type", "BPE"); type != "BPE")
        return unsupported("model.type", type);
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"})
        if (const auto it = model.find(name); it != model.end() && !it->is_null() && *it != "")
            return unsupported(std::string("model.") + name, it->dump());
    if (const auto it = model.find("byte_fallback"); it != model.end() && *it != false)
        return unsupported("model.byte_fallback", it->dump());
    if (const auto it = model.find("dropout"); it != model.end() && !it->is_null() && *it != 0.0)
        return unsupported("model.dropout", it->dump());
    return {};
}

Result<KeyTable> readVocabulary(const Json& model, TokenizerFile& file) {
    const auto vocab = model.find("vocab");
    if (vocab == model.end() || !vocab->is_object() || vocab->empty())
        return badField("model.vocab", "is no object with entries");
    KeyTable keys;
    keys.reserve(vocab->size());
    std::vector<bool> used;
    for (const auto& [key, value] : vocab->items()) {
        const auto field = "model.vocab[" + inQuotes(key) + "]";
        BATHY_TRY(const auto id, readId(value, field));
        if (key.empty() || key.size() > kMaxTokenBytes)
            return badField(field, "has a key of " + std::to_string(key.size()) + " bytes");
        const auto index = static_cast<std::size_t>(id);
        if (index >= used.size()) {
            used.resize(index + 1);
            file.bytes.resize(index + 1);
        }
        if (used[index])
            return badField(field, "repeats id " + std::to_string(id));
        used[index] = true;
        // A key outside the byte alphabet can only be an added token or unreachable; it keeps its own text.
        file.bytes[index] = bytesOfSymbols(key).value_or(key);
        keys.emplace(key, id);
    }
    return keys;
}

Result<void> readByteTokens(const KeyTable& keys, TokenizerFile& file) {
    for (unsigned byte = 0; byte < 256; ++byte) {
        std::string key;
        utf8Append(key, symbolOfByte(static_cast<std::uint8_t>(byte)));
        const auto found = keys.find(key);
        if (found == keys.end())
            return badField("model.vocab",
                            "has no token for byte " + std::to_string(byte) + " (" + inQuotes(key) + ")");
        file.byteTokens[byte] = found->second;
    }
    return {};
}

// "A B" in older files, ["A", "B"] in newer ones.
Result<std::pair<std::string, std::string>> readMergePair(const Json& entry, const std::string& field) {
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string())
        return std::pair(entry[0].get<std::string>(), entry[1].get<std::string>());
    if (!entry.is_string())
        return badField(field, "is neither \"A B\" nor [\"A\", \"B\"]");
    const auto& text = entry.get_ref<const std::string&>();
    const auto space = text.find(' ');
    if (space == std::string::npos || text.find(' ', space + 1) != std::string::npos)
        return badField(field, inQuotes(text) + " is not two tokens with one space between");
    return std::pair(text.substr(0, space), text.substr(space + 1));
}

Result<void> readMerges(const Json& model, const KeyTable& keys, TokenizerFile& file) {
    const auto merges = model.find("merges");
    if (merges == model.end() || !merges->is_array())
        return badField("model.merges", "is no list");
    if (merges->size() > kMaxMerges)
        return badField("model.merges", "has " + std::to_string(merges->size()) + " entries");
    file.merges.reserve(merges->size());
    for (std::size_t i = 0; i < merges->size(); ++i) {
        const auto field = "model.merges[" + std::to_string(i) + "]";
        BATHY_TRY(const auto pair, readMergePair((*merges)[i], field));
        const auto idOf = [&](const std::string& key) -> Result<std::int32_t> {
            const auto found = keys.find(key);
            if (found == keys.end())
                return badField(field, "names " + inQuotes(key) + ", which is not in the vocabulary");
            return found->second;
        };
        BATHY_TRY(const auto left, idOf(pair.first));
        BATHY_TRY(const auto right, idOf(pair.second));
        BATHY_TRY(const auto merged, idOf(pair.first + pair.second));
        file.merges.push_back({left, right, merged});
    }
    return {};
}

Result<AddedToken> readAddedToken(const Json& entry, const std::string& field) {
    if (!entry.is_object())
        return badField(field, "is no object");
    AddedToken token;
    const auto id = entry.find("id");
    if (id == entry.end())
        return badField(field + ".id", "is missing");
    BATHY_TRY(token.id, readId(*id, field + ".id"));
    const auto content = entry.find("content");
    if (content == entry.end() || !content->is_string())
        return badField(field + ".content", "is no text");
    token.content = content->get<std::string>();
    if (token.content.empty() || token.content.size() > kMaxTokenBytes)
        return badField(field + ".content", "has " + std::to_string(token.content.size()) + " bytes");
    BATHY_TRY(token.special, readFlag(entry, "special", field));
    BATHY_TRY(token.normalized, readFlag(entry, "normalized", field));
    BATHY_TRY(token.stripLeft, readFlag(entry, "lstrip", field));
    BATHY_TRY(token.stripRight, readFlag(entry, "rstrip", field));
    BATHY_TRY(const bool singleWord, readFlag(entry, "single_word", field));
    if (singleWord)
        return unsupported(field + ".single_word", "true");
    return token;
}

Result<void> placeAddedToken(const AddedToken& token, const KeyTable& keys, const std::string& field,
                             TokenizerFile& file) {
    const auto index = static_cast<std::size_t>(token.id);
    if (const auto known = keys.find(token.content); known != keys.end() && known->second != token.id)
        return badField(field, "has id " + std::to_string(token.id) + ", but the vocabulary gives " +
                                   inQuotes(token.content) + " id " + std::to_string(known->second));
    if (index >= file.bytes.size())
        file.bytes.resize(index + 1);
    if (!file.bytes[index].empty() && keys.find(token.content) == keys.end())
        return badField(field, "repeats id " + std::to_string(token.id));
    if (std::find(file.byteTokens.begin(), file.byteTokens.end(), token.id) != file.byteTokens.end())
        return unsupported(field, "the token of a single byte as an added token");
    file.bytes[index] = token.content;
    return {};
}

Result<void> readAddedTokens(const Json& root, const KeyTable& keys, TokenizerFile& file) {
    const auto list = root.find("added_tokens");
    if (list == root.end() || list->is_null())
        return {};
    if (!list->is_array())
        return badField("added_tokens", "is no list");
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto field = "added_tokens[" + std::to_string(i) + "]";
        BATHY_TRY(auto token, readAddedToken((*list)[i], field));
        if (!seen.emplace(token.content, i).second)
            return badField(field, "repeats " + inQuotes(token.content));
        BATHY_CHECK(placeAddedToken(token, keys, field, file));
        file.added.push_back(std::move(token));
    }
    return {};
}

// Added tokens are found before words are cut, so no merge of text that allows them can lead to one. Without these
// merges that holds for text that does not allow them too: what a person wrote never becomes a marker.
void forgetMergesToAddedTokens(TokenizerFile& file) {
    std::vector<bool> added(file.bytes.size());
    for (const auto& token : file.added)
        added[static_cast<std::size_t>(token.id)] = true;
    std::erase_if(file.merges, [&](const Merge& merge) { return added[static_cast<std::size_t>(merge.merged)]; });
    std::erase_if(file.wholeWords, [&](const auto& word) { return added[static_cast<std::size_t>(word.second)]; });
}

Result<void> readWholeWords(const Json& model, const KeyTable& keys, TokenizerFile& file) {
    BATHY_TRY(const bool ignoreMerges, readFlag(model, "ignore_merges", "model"));
    if (!ignoreMerges)
        return {};
    for (const auto& [key, id] : keys)
        if (auto bytes = bytesOfSymbols(key))
            file.wholeWords.emplace(std::move(*bytes), id);
    return {};
}

Result<TokenizerFile> read(const Json& root) {
    if (!root.is_object())
        return badField("the top level", "is no object");
    const auto model = root.find("model");
    if (model == root.end() || !model->is_object())
        return badField("model", "is no object");
    TokenizerFile file;
    BATHY_CHECK(checkModelSettings(*model));
    BATHY_TRY(file.nfc, readNormalizer(root));
    BATHY_CHECK(checkDecoder(root));
    BATHY_CHECK(checkPostProcessor(root));
    BATHY_TRY(file.splits, readPreTokenizer(root));
    BATHY_TRY(const auto keys, readVocabulary(*model, file));
    BATHY_CHECK(readByteTokens(keys, file));
    BATHY_CHECK(readMerges(*model, keys, file));
    BATHY_CHECK(readWholeWords(*model, keys, file));
    BATHY_CHECK(readAddedTokens(root, keys, file));
    forgetMergesToAddedTokens(file);
    return file;
}

} // namespace

Result<TokenizerFile> readTokenizerFile(std::string_view json, std::string_view name) {
    const auto root = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
    if (root.is_discarded())
        return Error(ErrorCode::BadFile, std::string(name) + " is no JSON", "fetch the file again");
    auto file = read(root);
    if (!file)
        return std::move(file).error().withContext(name);
    return file;
}

} // namespace bathy::tokenizer
