#include "app/models/library_presenter.h"

#include "engine/library/locate.h"

#include <algorithm>

namespace bathy::models {
namespace {

constexpr int kSettleMs = 500;
// Every watched folder costs the system memory and, on Linux, one of a limited number of watches.
constexpr std::size_t kMaxWatched = 4000;
const auto kFoldersKey = QStringLiteral("library/folders");

std::vector<library::Place> placesToLook(const library::Environment& environment,
                                         const std::vector<std::filesystem::path>& own) {
    auto places = library::knownPlaces(environment, own);
    if (const auto bundled = library::locateBundled())
        places.push_back({library::Owner::Bundled, bundled->parent_path()});
    return places;
}

} // namespace

LibraryPresenter::LibraryPresenter(QSettings& settings, library::Environment environment, QObject* parent)
    : QObject(parent), m_settings(settings), m_environment(std::move(environment)) {
    m_settle.setSingleShot(true);
    m_settle.setInterval(kSettleMs);
    connect(&m_settle, &QTimer::timeout, this, &LibraryPresenter::refresh);
    connect(&m_watcher, &QFileSystemWatcher::directoryChanged, &m_settle, qOverload<>(&QTimer::start));
}

LibraryPresenter::~LibraryPresenter() {
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
}

QStringList LibraryPresenter::folders() const {
    return m_settings.value(kFoldersKey).toStringList();
}

void LibraryPresenter::addFolder(const QString& folder) {
    auto all = folders();
    if (folder.isEmpty() || all.contains(folder))
        return;
    all << folder;
    m_settings.setValue(kFoldersKey, all);
    refresh();
}

void LibraryPresenter::removeFolder(const QString& folder) {
    auto all = folders();
    if (all.removeAll(folder) == 0)
        return;
    m_settings.setValue(kFoldersKey, all);
    refresh();
}

void LibraryPresenter::refresh() {
    if (m_looking) {
        m_again = true;
        return;
    }
    start();
}

void LibraryPresenter::start() {
    m_looking = true;
    std::vector<std::filesystem::path> own;
    for (const auto& folder : folders())
        own.emplace_back(folder.toStdString());
    m_thread = std::jthread([this, own = std::move(own), environment = m_environment,
                             cache = std::move(m_cache)](const std::stop_token& stop) mutable {
        const auto file = library::factsFile(environment);
        if (!cache)
            cache = std::make_unique<library::FactsCache>(library::FactsCache::load(file));
        Look look;
        if (auto listing = library::listModels(placesToLook(environment, own), *cache, stop)) {
            look.listing = *std::move(listing);
            look.finished = true;
            // Without it the next start only takes longer.
            [[maybe_unused]] const auto saved = cache->save(file);
        }
        look.cache = std::move(cache);
        auto shared = std::make_shared<Look>(std::move(look));
        m_answers.post([this, shared] { take(std::move(*shared)); });
    });
    Q_EMIT lookingChanged();
}

void LibraryPresenter::take(Look look) {
    m_cache = std::move(look.cache);
    m_looking = false;
    if (look.finished) {
        watch(look.listing.folders);
        m_places = std::move(look.listing.places);
        m_model.setEntries(std::move(look.listing.entries));
        m_looked = true;
        Q_EMIT changed();
    }
    if (std::exchange(m_again, false))
        return start();
    Q_EMIT lookingChanged();
}

void LibraryPresenter::watch(const std::vector<std::filesystem::path>& folders) {
    QStringList wanted;
    for (std::size_t i = 0; i < folders.size() && i < kMaxWatched; ++i)
        wanted << QString::fromStdString(folders[i].string());
    const auto watched = m_watcher.directories();
    QStringList gone, fresh;
    const QSet<QString> wantedSet(wanted.begin(), wanted.end()), watchedSet(watched.begin(), watched.end());
    std::copy_if(watched.begin(), watched.end(), std::back_inserter(gone),
                 [&](const QString& folder) { return !wantedSet.contains(folder); });
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(fresh),
                 [&](const QString& folder) { return !watchedSet.contains(folder); });
    if (!gone.isEmpty())
        m_watcher.removePaths(gone);
    if (!fresh.isEmpty())
        m_watcher.addPaths(fresh);
}

} // namespace bathy::models
