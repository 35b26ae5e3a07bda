#include "engine/library/weight_sets.h"

#include "engine/checkpoint/shard_index.h"
#include "engine/library/utf8_name.h"

#include <algorithm>
#include <map>

namespace bathy::library {
namespace {

constexpr std::string_view kIndexEnding = ".safetensors.index.json";
constexpr std::uint64_t kMaxIndexBytes = 64'000'000;

std::string_view endingOf(std::string_view fileName) {
    return fileName.substr(fileName.rfind('.'));
}

WeightSet fromIndex(const std::filesystem::path& folder, std::span<const Item> items, const Item& indexItem) {
    WeightSet set;
    set.format = WeightFormat::Safetensors;
    set.open = folder / indexItem.name;
    const auto text = readQuietly(indexItem.path, kMaxIndexBytes);
    const auto index =
        text ? checkpoint::parseShardIndex(*text, indexItem.name) : Result<checkpoint::ShardIndex>(text.error());
    if (!index) {
        set.problem = index.error().what();
        return set;
    }
    for (const auto& file : index->files) {
        const auto* item = findItem(items, file);
        if (item && item->kind == ItemKind::File)
            set.files.push_back(*item);
        else
            set.missing.push_back(file);
    }
    if (!index->files.empty())
        set.name = parseFileName(index->files.front());
    return set;
}

// Files of one format, one stem and one count of shards.
WeightSet fromFiles(const std::filesystem::path& folder, const std::vector<const Item*>& items) {
    WeightSet set;
    set.format = formatOf(items.front()->name);
    set.name = parseFileName(items.front()->name);
    const auto ending = endingOf(items.front()->name);
    set.open = folder / items.front()->name;
    std::vector<bool> have(set.name.shards + 1);
    for (const auto* item : items) {
        if (item->kind != ItemKind::File)
            continue;
        set.files.push_back(*item);
        have[parseFileName(item->name).shard] = true;
    }
    for (std::size_t shard = 1; shard < have.size(); ++shard)
        if (!have[shard])
            set.missing.push_back(shardName(set.name, shard, ending));
    if (set.name.shards == 0 && set.files.empty())
        set.missing.push_back(items.front()->name);
    return set;
}

} // namespace

const Item* findItem(std::span<const Item> items, std::string_view name) {
    const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == name; });
    return found == items.end() ? nullptr : &*found;
}

std::vector<WeightSet> findWeightSets(const std::filesystem::path& folder, std::span<const Item> items) {
    std::vector<WeightSet> sets;
    std::map<std::string, bool> indexed;
    for (const auto& item : items) {
        if (item.kind != ItemKind::File || !item.name.ends_with(kIndexEnding))
            continue;
        sets.push_back(fromIndex(folder, items, item));
        for (const auto& file : sets.back().files)
            indexed[file.name] = true;
        for (const auto& file : sets.back().missing)
            indexed[file] = true;
    }
    std::map<std::string, std::vector<const Item*>> groups;
    for (const auto& item : items) {
        const bool weights = (item.kind == ItemKind::File || item.kind == ItemKind::Link) &&
                             formatOf(item.name) != WeightFormat::None && !indexed.contains(item.name);
        if (!weights || lowerCase(item.name).starts_with("mmproj"))
            continue;
        const auto name = parseFileName(item.name);
        groups[name.stem + '\n' + std::to_string(name.shards) + '\n' + std::string(endingOf(item.name))].push_back(
            &item);
    }
    for (const auto& [key, members] : groups)
        sets.push_back(fromFiles(folder, members));
    // A folder that holds one model in safetensors is opened as such, so that its config is found whatever the name.
    const auto isTensors = [](const WeightSet& set) { return set.format == WeightFormat::Safetensors; };
    if (std::count_if(sets.begin(), sets.end(), isTensors) == 1)
        std::find_if(sets.begin(), sets.end(), isTensors)->open = folder;
    return sets;
}

} // namespace bathy::library
