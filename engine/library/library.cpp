#include "engine/library/library.h"

#include "engine/library/layouts.h"
#include "engine/library/utf8_name.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bathy::library {
namespace {

void scanPlace(Scan& scan, const Place& place) {
    scan.begin(place);
    switch (place.owner) {
    case Owner::HuggingFace:
        return scanHubCache(scan, place.folder);
    case Owner::Ollama:
        return scanOllama(scan, place.folder);
    case Owner::Folder:
        return scanAnything(scan, place.folder);
    case Owner::Bundled:
    case Owner::LmStudio:
    case Owner::Jan:
    case Owner::Gpt4All:
        return scanFolders(scan, place.folder);
    }
}

// Equal size and equal headers: the same model, once more.
void markDuplicates(std::vector<Entry>& entries) {
    std::map<std::pair<std::uint64_t, std::string>, std::vector<Entry*>> groups;
    for (auto& entry : entries)
        if (!entry.headerHash.empty() && entry.complete())
            groups[{entry.bytes, entry.headerHash}].push_back(&entry);
    int number = 0;
    for (auto& [key, members] : groups) {
        if (members.size() < 2)
            continue;
        ++number;
        for (auto* entry : members)
            entry->duplicates = number;
    }
}

} // namespace

std::string fullName(const Entry& entry) {
    if (entry.owner == Owner::Ollama)
        return entry.name + ":" + entry.tag;
    auto name = entry.name;
    if (!entry.quantisation.empty())
        name += ":" + entry.quantisation;
    return name;
}

Result<Listing> listModels(std::span<const Place> places, FactsCache& cache, std::stop_token stop) {
    Scan scan(cache, std::move(stop));
    for (const auto& place : places)
        scanPlace(scan, place);
    if (scan.stopped())
        return cancelled();
    Listing listing{scan.takeEntries(), scan.takeReports(), scan.takeFolders()};
    const auto key = [](const Entry& entry) {
        return std::tuple(lowerCase(entry.name), entry.tag, entry.quantisation, entry.bytes, entry.open);
    };
    std::sort(listing.entries.begin(), listing.entries.end(),
              [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
    markDuplicates(listing.entries);
    return listing;
}

} // namespace bathy::library
