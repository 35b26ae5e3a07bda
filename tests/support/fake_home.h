// A home folder with models where six programs would have put them.
#pragma once

#include "engine/library/places.h"
#include "tests/support/scratch_folder.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bathy::test {

class FakeHome {
public:
    const std::filesystem::path& path() const { return m_folder.path(); }
    std::filesystem::path hub() const { return path() / ".cache" / "huggingface" / "hub"; }

    // HOME and nothing else.
    library::Environment environment() const;
    std::vector<library::Place> places(const std::vector<std::filesystem::path>& folders = {}) const {
        return library::knownPlaces(environment(), folders);
    }

    // A snapshot as the hub's own client makes it: blobs, links, refs/main. Returns its folder.
    std::filesystem::path addHubModel(const std::string& name, int shards) const;
    std::filesystem::path addHubGguf(const std::string& name, const std::string& quantisation) const;
    std::filesystem::path addLmStudio(const std::string& publisher, const std::string& file) const;
    void addOllama(const std::string& name, const std::string& tag) const;
    void addJan(const std::string& name) const; // without an ending
    void addGpt4All(const std::string& file) const;

    // `count` models over all places, with names like those that people have.
    void fill(int count) const;

private:
    std::filesystem::path snapshot(const std::string& name) const;
    void link(const std::filesystem::path& snapshot, const std::string& file) const;

    ScratchFolder m_folder;
};

} // namespace bathy::test
