// One look at the places: what the layouts share. Folders are listed and headers read through it, so that it knows what
// to watch and when to stop. One owner, any thread.
#pragma once

#include "engine/library/entry.h"
#include "engine/library/facts_cache.h"
#include "engine/library/weight_sets.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace bathy::library {

// How one place was found.
struct PlaceReport {
    Place place;
    std::uint32_t entries = 0;
    std::uint32_t linksLeft = 0; // links that were not followed
    std::string problem;         // it cannot be read
};

class Scan {
public:
    Scan(FactsCache& cache, std::stop_token stop) : m_cache(cache), m_stop(std::move(stop)) {}

    bool stopped() const { return m_stop.stop_requested(); }

    void begin(const Place& place);
    const Place& place() const { return m_reports.back().place; }

    // Empty when the folder cannot be listed; that of the place itself is then reported.
    std::vector<Item> list(const std::filesystem::path& folder);
    void countLink() { ++m_reports.back().linksLeft; }

    // Completes the entry from the headers of the set and from the config beside it (may be nullptr).
    void add(Entry entry, const WeightSet& set, const Item* config);
    void add(Entry entry);

    std::vector<Entry> takeEntries() { return std::move(m_entries); }
    std::vector<PlaceReport> takeReports() { return std::move(m_reports); }
    std::vector<std::filesystem::path> takeFolders() { return std::move(m_folders); }

private:
    void readHeaders(Entry& entry, const WeightSet& set);

    FactsCache& m_cache;
    std::stop_token m_stop;
    std::vector<Entry> m_entries;
    std::vector<PlaceReport> m_reports;
    std::vector<std::filesystem::path> m_folders; // that were listed
};

} // namespace bathy::library
