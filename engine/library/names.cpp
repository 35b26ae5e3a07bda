#include "engine/library/names.h"

#include "engine/library/utf8_name.h"

#include <algorithm>
#include <array>

namespace bathy::library {
namespace {

constexpr std::size_t kShown = 12; // candidates in a message

std::string_view lastPart(std::string_view name) {
    return name.substr(name.rfind('/') + 1);
}

// "https://huggingface.co/org/name/tree/main" to "org/name".
std::string_view withoutAddress(std::string_view text) {
    for (const std::string_view scheme : {"https://", "http://"})
        if (text.starts_with(scheme))
            text.remove_prefix(scheme.size());
    constexpr std::array<std::string_view, 3> kHosts{"huggingface.co/", "www.huggingface.co/", "hf.co/"};
    for (const auto host : kHosts) {
        if (!text.starts_with(host))
            continue;
        text.remove_prefix(host.size());
        text = text.substr(0, text.find_first_of("?#"));
        const auto slash = text.find('/');
        return text.substr(0, slash == std::string_view::npos ? slash : text.find('/', slash + 1));
    }
    return text;
}

bool isNamed(const Entry& entry, const std::string& wanted) {
    const auto name = lowerCase(entry.name);
    return name == wanted || (wanted.find('/') == std::string::npos && lastPart(name) == wanted);
}

bool isVariant(const Entry& entry, const std::string& wanted) {
    const auto quantisation = lowerCase(entry.quantisation);
    return wanted.empty() || lowerCase(entry.tag) == wanted || quantisation == wanted || quantisation == "ud-" + wanted;
}

bool sameModel(const std::vector<const Entry*>& entries) {
    return std::all_of(entries.begin(), entries.end(), [&](const Entry* entry) {
        return entry->duplicates != 0 && entry->duplicates == entries.front()->duplicates;
    });
}

Error ambiguous(std::string_view text, const std::vector<const Entry*>& found) {
    std::string list;
    for (std::size_t i = 0; i < found.size() && i < kShown; ++i)
        list += (i > 0 ? ", " : "") + fullName(*found[i]) + " (" + found[i]->open.string() + ")";
    if (found.size() > kShown)
        list += " and " + std::to_string(found.size() - kShown) + " more";
    return {ErrorCode::BadArgument, std::string(text) + " can be any of " + list, "give the whole name, or the path"};
}

} // namespace

ModelName parseModelName(std::string_view text) {
    const auto plain = withoutAddress(text);
    const auto at = plain.find_last_of(":@");
    // A colon before a slash is none of ours: "host:port/name".
    const bool split = at != std::string_view::npos && plain.find('/', at) == std::string_view::npos;
    return {lowerCase(plain.substr(0, split ? at : plain.size())),
            split ? lowerCase(plain.substr(at + 1)) : std::string()};
}

std::vector<const Entry*> findModels(std::span<const Entry> entries, const ModelName& name) {
    std::vector<const Entry*> found;
    for (const auto& entry : entries)
        if (isNamed(entry, name.name) && isVariant(entry, name.variant))
            found.push_back(&entry);
    return found;
}

Result<const Entry*> resolveName(std::span<const Entry> entries, std::string_view text) {
    const auto name = parseModelName(text);
    auto found = findModels(entries, name);
    if (found.empty())
        return Error(ErrorCode::NotFound, "no model in the library is called " + std::string(text));
    // An incomplete download does not stand in the way of a model that can be opened.
    if (std::any_of(found.begin(), found.end(), [](const Entry* entry) { return entry->complete(); }))
        std::erase_if(found, [](const Entry* entry) { return !entry->complete(); });
    // What main says comes before other revisions, and "latest" before other tags.
    if (name.variant.empty())
        for (const std::string_view tag : {"", "latest"})
            if (std::any_of(found.begin(), found.end(), [&](const Entry* entry) { return entry->tag == tag; }))
                std::erase_if(found, [&](const Entry* entry) { return entry->tag != tag; });
    if (found.size() > 1 && !sameModel(found))
        return ambiguous(text, found);
    return found.front();
}

bool matchesSearch(const Entry& entry, std::string_view query) {
    const auto name = parseModelName(query);
    if (isNamed(entry, name.name) && isVariant(entry, name.variant))
        return true;
    const auto text = lowerCase(fullName(entry) + " " + entry.tag + " " + entry.family + " " + entry.quantisation +
                                " " + std::string(ownerName(entry.owner)));
    const auto words = lowerCase(query);
    for (std::size_t begin = 0; begin < words.size();) {
        const auto end = std::min(words.find(' ', begin), words.size());
        if (text.find(words.substr(begin, end - begin)) == std::string::npos)
            return false;
        begin = end + 1;
    }
    return true;
}

} // namespace bathy::library
