#include "engine/library/locate.h"

#include "engine/library/file_name.h"
#include "engine/library/library.h"
#include "engine/library/names.h"

#include <algorithm>
#include <system_error>
#include <vector>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

namespace fs = std::filesystem;

namespace bathy::library {
namespace {

bool isThere(const fs::path& path) {
    std::error_code ec;
    return !path.empty() && fs::exists(path, ec);
}

// The first folder, by name, that looks like a checkpoint.
fs::path firstCheckpointIn(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ec;
    for (fs::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
        if (isThere(entry->path() / "config.json"))
            found.push_back(entry->path());
    const auto first = std::min_element(found.begin(), found.end());
    return first == found.end() ? fs::path() : *first;
}

// What cannot be a name: worth no look at the library.
bool isPathLike(std::string_view text) {
    const auto slash = text.find('/');
    return text.starts_with('.') || text.starts_with('/') || text.starts_with('~') ||
           text.find('\\') != std::string_view::npos || formatOf(text) != WeightFormat::None ||
           (slash != std::string_view::npos && slash + 1 == text.size());
}

std::string lookedIn(std::span<const Place> places) {
    std::string text;
    for (const auto& place : places)
        text += (text.empty() ? "looked in " : ", ") + place.folder.string();
    return text.empty() ? "no program has models here; BATHY_MODEL_PATH can name folders of your own" : text;
}

} // namespace

fs::path programFolder() {
#ifdef _WIN32
    std::wstring buffer(32768, L'\0');
    const DWORD length = GetModuleFileNameW(nullptr, buffer.data(), static_cast<DWORD>(buffer.size()));
    buffer.resize(length);
    return fs::path(buffer).parent_path();
#else
    std::error_code ec;
    const auto program = fs::read_symlink("/proc/self/exe", ec);
    return ec ? fs::path() : program.parent_path();
#endif
}

Result<fs::path> locateBundled() {
    std::vector<fs::path> places;
    if (const auto folder = programFolder(); !folder.empty()) {
        places.push_back(folder.parent_path() / "share" / "bathyscope" / "checkpoints");
        places.push_back(folder / "checkpoints");
        // Not installed: SOURCE/build/PRESET/bin. Found from here, so that what ships knows no folder of who built it.
        places.push_back(folder.parent_path().parent_path().parent_path() / "resources" / "checkpoints");
    }
    for (const auto& place : places)
        if (auto found = firstCheckpointIn(place); !found.empty())
            return found;
    return Error(ErrorCode::NotFound, "the bundled checkpoint is not installed",
                 "looked in " + (places.empty() ? "no folder" : places.front().string()) +
                     "; name a checkpoint folder instead");
}

fs::path factsFile(const Environment& environment) {
    return cacheFolder(environment) / "library.json";
}

Result<fs::path> locateModel(std::string_view model, const Environment& environment) {
    if (model == "bundled")
        return locateBundled();
    if (model.empty())
        return Error(ErrorCode::BadArgument, "no model is named",
                     "name a folder, a file, a model of the library or bundled");
    if (isThere(fs::path(model)))
        return fs::path(model);
    if (isPathLike(model))
        return Error(ErrorCode::NotFound, std::string(model) + " does not exist",
                     "name a checkpoint folder, a .safetensors or .gguf file, a model of the library, or bundled");
    const auto places = knownPlaces(environment, {});
    auto cache = FactsCache::load(factsFile(environment));
    BATHY_TRY(const auto listing, listModels(places, cache, {}));
    // Without it the next look only takes longer.
    [[maybe_unused]] const auto saved = cache.save(factsFile(environment));
    const auto found = resolveName(listing.entries, model);
    if (!found && found.error().code() == ErrorCode::NotFound)
        return Error(ErrorCode::NotFound, std::string(model) + " is neither a file nor a model of the library",
                     lookedIn(places));
    if (!found)
        return found.error();
    return (*found)->open;
}

} // namespace bathy::library
