#include "engine/checkpoint/locate.h"

#include "engine/base/text_file.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <vector>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

namespace fs = std::filesystem;

namespace bathy::checkpoint {
namespace {

bool isThere(const fs::path& path) {
    std::error_code ec;
    return !path.empty() && fs::exists(path, ec);
}

fs::path environmentPath(const char* name) {
    const char* value = std::getenv(name);
    return value ? fs::path(value) : fs::path();
}

fs::path hubCache() {
    if (const auto cache = environmentPath("HF_HUB_CACHE"); !cache.empty())
        return cache;
    if (const auto home = environmentPath("HF_HOME"); !home.empty())
        return home / "hub";
    const auto home = environmentPath("HOME");
    return home.empty() ? fs::path() : home / ".cache" / "huggingface" / "hub";
}

// "org/name": two plain parts.
bool isRepositoryName(std::string_view text) {
    const auto slash = text.find('/');
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const auto plain = [&](std::string_view part) {
        return !part.empty() && part.front() != '.' && part.find_first_not_of(kPlain) == std::string_view::npos;
    };
    return slash != std::string_view::npos && plain(text.substr(0, slash)) && plain(text.substr(slash + 1));
}

// <cache>/models--org--name/{refs/main, snapshots/<revision>}: the revision that "main" names, else the newest there.
fs::path cachedRepository(const fs::path& cache, std::string_view name) {
    auto folder = std::string(name);
    folder.replace(folder.find('/'), 1, "--");
    const auto repository = cache / ("models--" + folder);
    if (const auto main = readTextFile(repository / "refs" / "main", 256); main) {
        auto revision = *main;
        revision.erase(revision.find_last_not_of(" \r\n") + 1);
        const auto snapshot = repository / "snapshots" / fs::path(revision).filename();
        if (isThere(snapshot))
            return snapshot;
    }
    std::vector<std::pair<fs::file_time_type, fs::path>> snapshots;
    std::error_code ec;
    for (fs::directory_iterator entry(repository / "snapshots", ec), end; !ec && entry != end; entry.increment(ec))
        snapshots.emplace_back(entry->last_write_time(ec), entry->path());
    const auto newest = std::max_element(snapshots.begin(), snapshots.end());
    return newest == snapshots.end() ? fs::path() : newest->second;
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
    }
    places.emplace_back(fs::path(BATHY_SOURCE_DIR) / "resources" / "checkpoints");
    for (const auto& place : places)
        if (auto found = firstCheckpointIn(place); !found.empty())
            return found;
    return Error(ErrorCode::NotFound, "the bundled checkpoint is not installed",
                 "looked in " + places.front().string() + "; name a checkpoint folder instead");
}

Result<fs::path> locateModel(std::string_view model) {
    if (model == "bundled")
        return locateBundled();
    if (model.empty())
        return Error(ErrorCode::BadArgument, "no model is named",
                     "name a checkpoint folder, a .safetensors file or bundled");
    if (isThere(fs::path(model)))
        return fs::path(model);
    const auto cache = hubCache();
    if (isRepositoryName(model) && !cache.empty()) {
        if (auto found = cachedRepository(cache, model); !found.empty())
            return found;
        return Error(ErrorCode::NotFound, std::string(model) + " is neither a file nor in the Hugging Face cache",
                     "looked in " + cache.string());
    }
    return Error(ErrorCode::NotFound, std::string(model) + " does not exist",
                 "name a checkpoint folder, a .safetensors file, org/name of the Hugging Face cache, or bundled");
}

} // namespace bathy::checkpoint
