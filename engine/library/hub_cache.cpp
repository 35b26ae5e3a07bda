#include "engine/library/layouts.h"

#include <algorithm>
#include <map>
#include <set>

namespace fs = std::filesystem;

namespace bathy::library {
namespace {

constexpr std::string_view kPrefix = "models--";
constexpr int kMaxDepth = 4; // of folders in a snapshot, and of names of references
constexpr std::uint64_t kMaxReferenceBytes = 256;

class Repository {
public:
    Repository(Scan& scan, const Item& folder) : m_scan(scan), m_folder(folder.path), m_name(folder.name) {
        m_name.erase(0, kPrefix.size());
        if (const auto at = m_name.find("--"); at != std::string::npos)
            m_name.replace(at, 2, "/");
    }

    void scan() {
        const auto inside = m_scan.list(m_folder);
        for (const auto& item : inside)
            if (item.name == "refs" && item.kind == ItemKind::Folder)
                readReferences(item.path, "", 0);
        const auto* blobs = findItem(inside, "blobs");
        m_blobs = blobs && blobs->kind == ItemKind::Folder ? blobs->path : fs::path();
        const auto* snapshots = findItem(inside, "snapshots");
        if (!snapshots || snapshots->kind != ItemKind::Folder)
            return;
        auto revisions = m_scan.list(snapshots->path);
        // The one that "main" names first: what others merely repeat is left out.
        std::stable_sort(revisions.begin(), revisions.end(), [&](const Item& a, const Item& b) {
            const bool mainA = referenceOf(a.name) == "main", mainB = referenceOf(b.name) == "main";
            return mainA != mainB ? mainA : a.modifiedNs > b.modifiedNs;
        });
        for (const auto& revision : revisions)
            if (revision.kind == ItemKind::Folder)
                scanSnapshot(revision, revision.path, 0);
    }

private:
    void readReferences(const fs::path& folder, const std::string& prefix, int depth) {
        for (const auto& item : m_scan.list(folder)) {
            if (item.kind == ItemKind::Folder && depth < kMaxDepth)
                readReferences(item.path, prefix + item.name + "/", depth + 1);
            if (item.kind != ItemKind::File)
                continue;
            auto commit = readQuietly(item.path, kMaxReferenceBytes);
            if (!commit)
                continue;
            commit->erase(commit->find_last_not_of(" \r\n") + 1);
            auto& name = m_references[*commit];
            if (name.empty() || item.name == "main")
                name = prefix + item.name;
        }
    }

    std::string referenceOf(const std::string& commit) const {
        const auto found = m_references.find(commit);
        return found == m_references.end() ? std::string() : found->second;
    }

    // A link of the cache's own making: from a snapshot to a file in the blobs of the same repository.
    void resolve(Item& item) {
        const auto target = readLink(item.path);
        const auto blob = target ? (item.path.parent_path() / *target).lexically_normal() : fs::path();
        if (m_blobs.empty() || blob.parent_path() != m_blobs)
            return m_scan.countLink();
        if (const auto found = lookAt(blob); found && found->kind == ItemKind::File) {
            item.path = blob;
            item.kind = ItemKind::File;
            item.bytes = found->bytes;
            item.modifiedNs = found->modifiedNs;
            item.accessedNs = found->accessedNs;
        }
    }

    void scanSnapshot(const Item& revision, const fs::path& folder, int depth) {
        auto items = m_scan.list(folder);
        for (auto& item : items)
            if (item.kind == ItemKind::Link)
                resolve(item);
        const auto* config = findItem(items, "config.json");
        for (const auto& set : findWeightSets(folder, items))
            if (isNew(set))
                addSet(revision, set, config && config->kind == ItemKind::File ? config : nullptr);
        for (const auto& item : items)
            if (item.kind == ItemKind::Folder && depth < kMaxDepth)
                scanSnapshot(revision, item.path, depth + 1);
    }

    bool isNew(const WeightSet& set) {
        std::string files = set.files.empty() ? set.open.string() : std::string();
        for (const auto& file : set.files)
            files += file.path.string() + '\n';
        return m_seen.insert(files).second;
    }

    void addSet(const Item& revision, const WeightSet& set, const Item* config) {
        Entry entry;
        entry.name = m_name;
        entry.folder = set.open.filename() == revision.name ? set.open : set.open.parent_path();
        const auto reference = referenceOf(revision.name);
        if (reference != "main" && !m_references.empty())
            entry.tag = reference.empty() ? revision.name.substr(0, 8) : reference;
        m_scan.add(std::move(entry), set, config);
    }

    Scan& m_scan;
    fs::path m_folder;
    std::string m_name;
    fs::path m_blobs;
    std::map<std::string, std::string> m_references; // by commit
    std::set<std::string> m_seen;
};

} // namespace

void scanHubCache(Scan& scan, const fs::path& cache) {
    for (const auto& item : scan.list(cache)) {
        if (item.kind == ItemKind::Link)
            scan.countLink();
        else if (item.kind == ItemKind::Folder && item.name.starts_with(kPrefix))
            Repository(scan, item).scan();
    }
}

} // namespace bathy::library
