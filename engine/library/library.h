// The models on this machine, found where other programs put them: read-only, in place, by names and headers. Any
// thread; one call at a time on a cache.
#pragma once

#include "engine/library/entry.h"
#include "engine/library/facts_cache.h"
#include "engine/library/scan.h"

#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

namespace bathy::library {

struct Listing {
    std::vector<Entry> entries;                 // by name, then quantisation, then size
    std::vector<PlaceReport> places;            // as asked
    std::vector<std::filesystem::path> folders; // what to watch for changes
};

// Errors: Cancelled. A place that cannot be read is reported in the listing, and the others are read.
Result<Listing> listModels(std::span<const Place> places, FactsCache& cache, std::stop_token stop);

} // namespace bathy::library
