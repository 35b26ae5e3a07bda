// Facts of files that were read before, by path, size and time of change, so that a second look at a library of
// terabytes opens no file. One owner at a time. Kept on disk as JSON; a file that is broken or from another version
// counts as empty: everything in it can be read again.
#pragma once

#include "engine/base/result.h"
#include "engine/library/file_facts.h"
#include "engine/library/quiet_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bathy::library {

class FactsCache {
public:
    static FactsCache load(const std::filesystem::path& file);
    // Only what was asked for since load(): what is gone from the disk goes from here. Does nothing when nothing
    // changed. Errors: Io.
    Result<void> save(const std::filesystem::path& file);

    // Reads the file's header unless it is known.
    const FileFacts& facts(const Item& item, WeightFormat format);

    std::uint64_t filesRead() const { return m_read; } // headers read since load()

private:
    struct Known {
        std::uint64_t bytes = 0;
        std::int64_t modifiedNs = 0;
        FileFacts facts;
        bool wanted = false;
    };
    std::unordered_map<std::string, Known> m_known;
    std::uint64_t m_read = 0;
};

} // namespace bathy::library
