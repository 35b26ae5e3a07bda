// Which files of one folder make up a model, shards joined. Looks at names and at the index only.
#pragma once

#include "engine/library/file_name.h"
#include "engine/library/quiet_file.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace bathy::library {

struct WeightSet {
    WeightFormat format = WeightFormat::None;
    FileName name;                    // of the first file
    std::vector<Item> files;          // those that are there, in shard order
    std::vector<std::string> missing; // names of those that are not
    std::filesystem::path open;       // what a checkpoint is opened by: `folder`, or a file in it
    std::string problem;              // a broken index
};

// `items`: what `folder` holds, with `name` as it is called there and `path` where its bytes lie. An item that is a
// link leads nowhere: as if it were missing. Projections of pictures (mmproj) are no models.
std::vector<WeightSet> findWeightSets(const std::filesystem::path& folder, std::span<const Item> items);

const Item* findItem(std::span<const Item> items, std::string_view name); // nullptr when there is none

} // namespace bathy::library
