#include "engine/evaluate/item.h"

#include "engine/base/text_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

namespace fs = std::filesystem;

namespace bathy::evaluate {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20U;
constexpr std::int64_t kMostTokens = 1 << 20;
constexpr std::size_t kLongestName = 200;

Error bad(const std::string& what) {
    return Error(ErrorCode::BadFile, what, "each line is one question as a JSON object");
}

const Json* field(const Json& object, const char* key) {
    const auto it = object.find(key);
    return it == object.end() || it->is_null() ? nullptr : &*it;
}

Result<std::string> textField(const Json& object, const char* key) {
    const auto* value = field(object, key);
    if (value == nullptr)
        return bad(std::string(key) + " is missing");
    if (!value->is_string())
        return bad(std::string(key) + " is no text");
    return value->get<std::string>();
}

Result<std::string> nameField(const Json& object, const char* key) {
    BATHY_TRY(auto name, textField(object, key));
    if (name.empty() || name.size() > kLongestName)
        return bad(std::string(key) + " must have 1 to " + std::to_string(kLongestName) + " bytes");
    return name;
}

Result<std::int64_t> countField(const Json& object, const char* key, std::int64_t least, std::int64_t most) {
    const auto* value = field(object, key);
    if (value == nullptr)
        return bad(std::string(key) + " is missing");
    const auto wrong =
        bad(std::string(key) + " must be a whole number in " + std::to_string(least) + ".." + std::to_string(most));
    if (!value->is_number_integer() || (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX))
        return wrong;
    const auto number = value->get<std::int64_t>();
    if (number < least || number > most)
        return wrong;
    return number;
}

Result<std::vector<api::ChatMessage>> messagesOf(const Json& object) {
    const auto* list = field(object, "messages");
    if (list == nullptr)
        return bad("messages is missing");
    if (!list->is_array() || list->empty())
        return bad("messages is no list of messages");
    std::vector<api::ChatMessage> messages;
    for (const auto& json : *list) {
        if (!json.is_object())
            return bad("messages holds something that is no object");
        api::ChatMessage message;
        BATHY_TRY(message.role, textField(json, "role"));
        if (message.role != "system" && message.role != "user" && message.role != "assistant")
            return bad("role must be system, user or assistant");
        BATHY_TRY(message.content, textField(json, "content"));
        messages.push_back(std::move(message));
    }
    if (messages.back().role != "user")
        return bad("the last message is not the user's");
    return messages;
}

Result<Passkey> passkeyOf(const Json& object) {
    if (!object.is_object())
        return bad("passkey is no object");
    Passkey passkey;
    BATHY_TRY(passkey.length, countField(object, "length", kShortestPasskey, std::int64_t{1} << 24U));
    BATHY_TRY(const auto seed, countField(object, "seed", 0, INT64_MAX));
    passkey.seed = static_cast<std::uint64_t>(seed);
    if (field(object, "decoys") != nullptr) {
        BATHY_TRY(const auto decoys, countField(object, "decoys", 0, kMostDecoys));
        passkey.decoys = static_cast<int>(decoys);
    }
    const auto* depth = field(object, "depth");
    if (depth == nullptr || !depth->is_number() || !(depth->get<double>() >= 0 && depth->get<double>() <= 1))
        return bad("depth must be a number in 0..1");
    passkey.depth = depth->get<double>();
    return passkey;
}

// What only items with messages have.
Result<void> addQuestion(Item& item, const Json& object) {
    BATHY_TRY(item.messages, messagesOf(object));
    BATHY_TRY(item.maxTokens, countField(object, "max_tokens", 1, kMostTokens));
    BATHY_TRY(item.answer, textField(object, "answer"));
    if (item.answer.empty())
        return bad("answer is empty");
    BATHY_TRY(const auto name, textField(object, "match"));
    const auto match = matchFromName(name);
    if (!match)
        return bad("match must be exact, contains, json or number");
    item.match = *match;
    if (!canMatch(item.match, item.answer))
        return bad("answer is nothing that match \"" + name + "\" can compare with");
    return {};
}

Result<std::vector<fs::path>> itemFiles(const fs::path& path) {
    std::error_code ec;
    if (!fs::is_directory(path, ec))
        return std::vector{path};
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(path, ec), end; !ec && entry != end; entry.increment(ec))
        if (entry->path().extension() == ".jsonl")
            files.push_back(entry->path());
    if (files.empty())
        return Error(ErrorCode::NotFound, path.string() + " holds no .jsonl file");
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

Result<Item> parseItem(std::string_view line) {
    const auto object = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    if (object.is_discarded())
        return bad("is no JSON");
    if (!object.is_object())
        return bad("is no JSON object");
    Item item;
    BATHY_TRY(item.id, nameField(object, "id"));
    BATHY_TRY(item.skill, nameField(object, "skill"));
    item.domain = item.skill;
    if (field(object, "domain") != nullptr) {
        BATHY_TRY(item.domain, nameField(object, "domain"));
    }
    if (const auto* thinking = field(object, "thinking")) {
        if (!thinking->is_boolean())
            return bad("thinking is neither true nor false");
        item.thinking = thinking->get<bool>();
    }
    if (const auto* passkey = field(object, "passkey")) {
        BATHY_TRY(item.passkey, passkeyOf(*passkey));
    } else {
        BATHY_CHECK(addQuestion(item, object));
    }
    return item;
}

Result<std::vector<Item>> parseItems(std::string_view text, std::string_view name) {
    std::vector<Item> items;
    std::set<std::string> ids;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        const auto where = std::string(name) + ", line " + std::to_string(number);
        auto item = parseItem(line);
        if (!item)
            return std::move(item).error().withContext(where);
        if (!ids.insert(item->id).second)
            return bad("id " + item->id + " occurs twice").withContext(where);
        items.push_back(*std::move(item));
    }
    return items;
}

Result<std::vector<Item>> readItems(const fs::path& path) {
    BATHY_TRY(const auto files, itemFiles(path));
    std::vector<Item> items;
    std::set<std::string> ids;
    for (const auto& file : files) {
        BATHY_TRY(const auto text, readTextFile(file, kLargestFile));
        BATHY_TRY(auto more, parseItems(text, file.string()));
        for (auto& item : more) {
            if (!ids.insert(item.id).second)
                return bad(file.string() + ": id " + item.id + " occurs in an earlier file as well");
            items.push_back(std::move(item));
        }
    }
    if (items.empty())
        return Error(ErrorCode::BadFile, path.string() + ": holds no question");
    return items;
}

} // namespace bathy::evaluate
