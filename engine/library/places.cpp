#include "engine/library/places.h"

#include "engine/library/quiet_file.h"

#include <algorithm>
#include <cstdlib>

namespace fs = std::filesystem;

namespace bathy::library {
namespace {

#ifdef _WIN32
constexpr char kSeparator = ';';
#else
constexpr char kSeparator = ':';
#endif

class Finder {
public:
    explicit Finder(const Environment& environment)
        : m_environment(environment), m_home(first({"HOME", "USERPROFILE"})) {}

    std::vector<Place> places(std::span<const fs::path> folders) {
        addHuggingFace();
        addLmStudio();
        addOllama();
        addJan();
        addGpt4All();
        addOwn(folders);
        return std::move(m_places);
    }

    fs::path first(std::initializer_list<const char*> names) const {
        for (const auto* name : names)
            if (auto value = m_environment(name); !value.empty())
                return value;
        return {};
    }
    fs::path inHome(const fs::path& below) const { return m_home.empty() ? fs::path() : m_home / below; }
    // A variable, else its default below home.
    fs::path base(const char* variable, const char* below) const {
        const auto value = first({variable});
        return value.empty() ? inHome(below) : value;
    }

private:
    void add(Owner owner, const fs::path& folder) {
        std::error_code ec;
        if (folder.empty() || !fs::is_directory(folder, ec))
            return;
        const auto real = fs::canonical(folder, ec);
        const bool known =
            std::any_of(m_places.begin(), m_places.end(), [&](const Place& p) { return p.folder == real; });
        if (!ec && !known)
            m_places.push_back({owner, real});
    }

    void addHuggingFace() {
        auto cache = first({"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"});
        if (cache.empty())
            cache = base("HF_HOME", ".cache/huggingface") / "hub";
        add(Owner::HuggingFace, cache);
    }

    // The order is that of its own software kit: the pointer, the old place where it exists, the new one.
    void addLmStudio() {
        fs::path home;
        if (const auto pointer = readQuietly(inHome(".lmstudio-home-pointer"), 4096)) {
            auto text = *pointer;
            text.erase(text.find_last_not_of(" \r\n\t") + 1);
            home = text;
        }
        std::error_code ec;
        if (!home.is_absolute())
            home = fs::is_directory(inHome(".cache/lm-studio"), ec) ? inHome(".cache/lm-studio") : inHome(".lmstudio");
        add(Owner::LmStudio, home / "models");
    }

    void addOllama() {
        add(Owner::Ollama, first({"OLLAMA_MODELS"}));
        add(Owner::Ollama, inHome(".ollama/models"));
        add(Owner::Ollama, "/usr/share/ollama/.ollama/models"); // the system service's own home
    }

    void addJan() {
        for (const auto& data :
             {base("XDG_CONFIG_HOME", ".config"), base("XDG_DATA_HOME", ".local/share"), first({"APPDATA"})}) {
            if (data.empty())
                continue;
            add(Owner::Jan, data / "Jan" / "data" / "models");
            add(Owner::Jan, data / "Jan" / "data" / "llamacpp" / "models");
        }
    }

    void addGpt4All() {
        add(Owner::Gpt4All, base("XDG_DATA_HOME", ".local/share") / "nomic.ai" / "GPT4All");
        if (const auto local = first({"LOCALAPPDATA"}); !local.empty())
            add(Owner::Gpt4All, local / "nomic.ai" / "GPT4All");
    }

    void addOwn(std::span<const fs::path> folders) {
        const auto list = m_environment("BATHY_MODEL_PATH");
        for (std::size_t begin = 0; begin < list.size();) {
            const auto end = std::min(list.find(kSeparator, begin), list.size());
            add(Owner::Folder, list.substr(begin, end - begin));
            begin = end + 1;
        }
        for (const auto& folder : folders)
            add(Owner::Folder, folder);
    }

    const Environment& m_environment;
    fs::path m_home;
    std::vector<Place> m_places;
};

} // namespace

std::string_view ownerName(Owner owner) {
    switch (owner) {
    case Owner::Bundled:
        return "bundled";
    case Owner::HuggingFace:
        return "Hugging Face";
    case Owner::LmStudio:
        return "LM Studio";
    case Owner::Ollama:
        return "Ollama";
    case Owner::Jan:
        return "Jan";
    case Owner::Gpt4All:
        return "GPT4All";
    case Owner::Folder:
        break;
    }
    return "folder";
}

Environment processEnvironment() {
    return [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value ? value : "");
    };
}

std::vector<Place> knownPlaces(const Environment& environment, std::span<const fs::path> folders) {
    return Finder(environment).places(folders);
}

fs::path cacheFolder(const Environment& environment) {
    const Finder finder(environment);
#ifdef _WIN32
    return finder.base("LOCALAPPDATA", ".cache") / "bathyscope";
#else
    return finder.base("XDG_CACHE_HOME", ".cache") / "bathyscope";
#endif
}

fs::path snapshotFolder(const Environment& environment) {
    const Finder finder(environment);
#ifdef _WIN32
    return finder.base("LOCALAPPDATA", ".local/share") / "bathyscope" / "snapshots";
#else
    return finder.base("XDG_DATA_HOME", ".local/share") / "bathyscope" / "snapshots";
#endif
}

} // namespace bathy::library
