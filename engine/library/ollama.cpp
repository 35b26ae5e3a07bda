#include "engine/library/layouts.h"

#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace bathy::library {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 6;
constexpr std::uint64_t kMaxManifestBytes = 1'000'000;
constexpr std::string_view kModelLayer = "application/vnd.ollama.image.model";
constexpr std::string_view kDigest = "sha256:";

// "sha256:<64 hexadecimal digits>" becomes the name of the blob; empty for anything else.
std::string blobName(const Json& layer) {
    const auto digest = layer.find("digest");
    if (digest == layer.end() || !digest->is_string())
        return {};
    std::string_view text = digest->get_ref<const std::string&>();
    if (!text.starts_with(kDigest))
        return {};
    text.remove_prefix(kDigest.size());
    if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return {};
    return "sha256-" + std::string(text);
}

// The registry and its own namespace are left out, as its command line does.
std::string modelName(std::vector<std::string> parts) {
    if (parts.size() > 1 && parts.front() == "registry.ollama.ai")
        parts.erase(parts.begin());
    if (parts.size() > 1 && parts.front() == "library")
        parts.erase(parts.begin());
    std::string name;
    for (const auto& part : parts)
        name += (name.empty() ? "" : "/") + part;
    return name;
}

class Manifests {
public:
    Manifests(Scan& scan, fs::path models) : m_scan(scan), m_models(std::move(models)) {}

    // `parts`: the folders from manifests on.
    void walk(const fs::path& folder, const std::vector<std::string>& parts) {
        for (const auto& item : m_scan.list(folder)) {
            if (item.kind == ItemKind::Link)
                m_scan.countLink();
            if (item.kind == ItemKind::File && !parts.empty())
                addManifest(item, parts);
            if (item.kind != ItemKind::Folder || parts.size() >= kMaxDepth)
                continue;
            auto below = parts;
            below.push_back(item.name);
            walk(item.path, below);
        }
    }

private:
    void addManifest(const Item& manifest, const std::vector<std::string>& parts) {
        Entry entry;
        entry.name = modelName(parts);
        entry.tag = manifest.name;
        entry.folder = m_models / "blobs";
        const auto text = readQuietly(manifest.path, kMaxManifestBytes);
        const auto json = text ? Json::parse(*text, nullptr, false) : Json();
        if (!json.is_object() || !json.contains("layers") || !json["layers"].is_array()) {
            entry.open = manifest.path;
            entry.problem = "the manifest " + manifest.path.string() + " cannot be read";
            return m_scan.add(std::move(entry));
        }
        WeightSet set;
        set.format = WeightFormat::Gguf;
        for (const auto& layer : json["layers"])
            if (layer.is_object() && layer.value("mediaType", Json()) == Json(kModelLayer))
                addLayer(layer, set);
        if (set.open.empty())
            return; // an adapter or an embedding of another kind
        m_scan.add(std::move(entry), set, nullptr);
    }

    void addLayer(const Json& layer, WeightSet& set) {
        const auto name = blobName(layer);
        if (name.empty()) {
            set.open = m_models / "blobs";
            set.problem = "the manifest names a blob that is no SHA-256";
            return;
        }
        const auto path = m_models / "blobs" / name;
        if (set.open.empty())
            set.open = path;
        const auto blob = lookAt(path);
        if (blob && blob->kind == ItemKind::File)
            set.files.push_back(*blob);
        else
            set.missing.push_back(name);
    }

    Scan& m_scan;
    fs::path m_models;
};

} // namespace

void scanOllama(Scan& scan, const fs::path& models) {
    for (const auto& item : scan.list(models))
        if (item.name == "manifests" && item.kind == ItemKind::Folder)
            Manifests(scan, models).walk(item.path, {});
}

} // namespace bathy::library
