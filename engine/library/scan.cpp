#include "engine/library/scan.h"

#include "engine/library/config_facts.h"
#include "engine/library/header_window.h"

#include <algorithm>
#include <utility>

namespace bathy::library {
namespace {

// A library far larger than any; what lies beyond is left out rather than waited for.
constexpr std::size_t kMaxFolders = 20'000;
constexpr std::size_t kMaxEntries = 20'000;
constexpr std::int64_t kSecond = 1'000'000'000;
// A download leaves an access time a little behind the time of its last write.
constexpr std::int64_t kSlack = 60 * kSecond;

} // namespace

void Scan::begin(const Place& place) {
    m_reports.push_back({place, 0, 0, {}});
}

std::vector<Item> Scan::list(const std::filesystem::path& folder) {
    if (stopped() || m_folders.size() >= kMaxFolders)
        return {};
    auto items = listFolder(folder);
    if (!items) {
        if (folder == place().folder)
            m_reports.back().problem = items.error().what();
        return {};
    }
    m_folders.push_back(folder);
    return *std::move(items);
}

void Scan::readHeaders(Entry& entry, const WeightSet& set) {
    std::string hashes;
    for (const auto& file : set.files) {
        if (stopped())
            return;
        const auto& facts = m_cache.facts(file, set.format);
        if (!facts.problem.empty() && entry.problem.empty())
            entry.problem = file.name + ": " + facts.problem;
        if (entry.family.empty())
            entry.family = facts.architecture;
        if (entry.contextLength == 0)
            entry.contextLength = facts.contextLength;
        if (entry.quantisation.empty())
            entry.quantisation = facts.quantisation;
        hashes += facts.headerHash;
    }
    entry.headerHash = set.files.size() == 1 || hashes.empty() ? hashes : hashOfText(hashes);
}

void Scan::add(Entry entry, const WeightSet& set, const Item* config) {
    entry.open = set.open;
    if (entry.quantisation.empty())
        entry.quantisation = set.name.quantisation;
    entry.missing = set.missing;
    if (!set.problem.empty())
        entry.problem = set.problem;
    if (config && set.format == WeightFormat::Safetensors) {
        const auto facts = readConfigFacts(config->path);
        entry.family = facts.modelType;
        entry.contextLength = facts.contextLength;
        if (entry.quantisation.empty())
            entry.quantisation = facts.quantisation;
    }
    for (const auto& file : set.files) {
        entry.bytes += file.bytes;
        entry.modified = std::max(entry.modified, file.modifiedNs / kSecond);
        if (file.accessedNs > file.modifiedNs + kSlack)
            entry.lastUsed = std::max(entry.lastUsed, file.accessedNs / kSecond);
    }
    entry.files = static_cast<std::uint32_t>(set.files.size());
    readHeaders(entry, set);
    add(std::move(entry));
}

void Scan::add(Entry entry) {
    if (m_entries.size() >= kMaxEntries)
        return;
    entry.owner = place().owner;
    ++m_reports.back().entries;
    m_entries.push_back(std::move(entry));
}

} // namespace bathy::library
