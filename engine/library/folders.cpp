#include "engine/library/layouts.h"

#include <algorithm>

namespace fs = std::filesystem;

namespace bathy::library {
namespace {

constexpr int kMaxDepth = 5;

// "publisher/model": the last two folders below the root.
std::string folderName(const std::vector<std::string>& parts) {
    if (parts.empty())
        return {};
    return parts.size() == 1 ? parts.back() : parts[parts.size() - 2] + "/" + parts.back();
}

class Walk {
public:
    explicit Walk(Scan& scan) : m_scan(scan) {}

    void folder(const fs::path& path, const std::vector<std::string>& parts) {
        auto items = m_scan.list(path);
        for (auto& item : items) {
            if (item.kind == ItemKind::Link)
                m_scan.countLink();
            // Jan keeps some GGUF files without an ending. The name is only told to what reads it here.
            if (item.kind == ItemKind::File && item.name.find('.') == std::string::npos && looksLikeGguf(item.path))
                item.name += ".gguf";
        }
        std::erase_if(items, [](const Item& item) { return item.kind == ItemKind::Link; });
        addSets(path, items, parts);
        for (const auto& item : items) {
            if (item.kind != ItemKind::Folder || item.name.starts_with('.') || parts.size() >= kMaxDepth)
                continue;
            auto below = parts;
            below.push_back(item.name);
            folder(item.path, below);
        }
    }

private:
    void addSets(const fs::path& path, const std::vector<Item>& items, const std::vector<std::string>& parts) {
        auto sets = findWeightSets(path, items);
        const auto sameBase = [&](const WeightSet& set) { return set.name.base == sets.front().name.base; };
        const bool oneModel = std::all_of(sets.begin(), sets.end(), sameBase);
        for (auto& set : sets) {
            Entry entry;
            entry.name = oneModel && !parts.empty() ? folderName(parts) : set.name.base;
            if (entry.name.empty() || (parts.empty() && set.open == path))
                entry.name = path.filename().string();
            entry.folder = path;
            if (set.open != path && !set.files.empty())
                set.open = set.files.front().path; // as it is called on the disk
            m_scan.add(std::move(entry), set, findItem(items, "config.json"));
        }
    }

    Scan& m_scan;
};

} // namespace

void scanFolders(Scan& scan, const fs::path& root) {
    Walk(scan).folder(root, {});
}

void scanAnything(Scan& scan, const fs::path& folder) {
    const auto items = listFolder(folder);
    const auto hasFolder = [&](std::string_view name) {
        return items && std::any_of(items->begin(), items->end(), [&](const Item& item) {
                   return item.kind == ItemKind::Folder && item.name.starts_with(name);
               });
    };
    if (hasFolder("models--"))
        return scanHubCache(scan, folder);
    if (hasFolder("manifests") && hasFolder("blobs"))
        return scanOllama(scan, folder);
    scanFolders(scan, folder);
}

} // namespace bathy::library
