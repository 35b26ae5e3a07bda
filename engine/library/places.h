// Where programs keep models on this machine. Pure function of what the environment says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bathy::library {

enum class Owner : std::uint8_t { Bundled, Folder, HuggingFace, LmStudio, Ollama, Jan, Gpt4All };

std::string_view ownerName(Owner owner); // "Hugging Face"; for Folder and Bundled: "folder", "bundled"

struct Place {
    Owner owner = Owner::Folder;
    std::filesystem::path folder;
};

// Variables of the environment; empty for those that are not set.
using Environment = std::function<std::string(const char* name)>;
Environment processEnvironment();

// The places of other programs that exist, each once, then the folders of BATHY_MODEL_PATH (separated like PATH) and
// `folders`, which a user added. Reads LM Studio's pointer file.
std::vector<Place> knownPlaces(const Environment& environment, std::span<const std::filesystem::path> folders);

// Where what can be lost is kept: XDG_CACHE_HOME or ~/.cache, LOCALAPPDATA on Windows; then bathyscope.
std::filesystem::path cacheFolder(const Environment& environment);
// Where snapshots of conversations are kept: in bathyscope/snapshots under XDG_DATA_HOME or ~/.local/share, LOCALAPPDATA
// on Windows.
std::filesystem::path snapshotFolder(const Environment& environment);

} // namespace bathy::library
