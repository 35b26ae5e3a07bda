// The library as the window sees it: looked through on a thread of its own, again when a folder changes, with the
// folders that the user added. UI thread.
#pragma once

#include "app/models/library_model.h"
#include "app/threads/ui_queue.h"
#include "engine/library/library.h"

#include <QFileSystemWatcher>
#include <QObject>
#include <QSet>
#include <QSettings>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <thread>

namespace bathy::models {

class LibraryPresenter : public QObject {
    Q_OBJECT
public:
    // `settings` outlives the presenter and keeps the user's folders. Nothing is looked at before refresh().
    explicit LibraryPresenter(QSettings& settings, library::Environment environment = library::processEnvironment(),
                              QObject* parent = nullptr);
    ~LibraryPresenter() override; // stops a look that runs

    LibraryModel& model() { return m_model; }
    bool isLooking() const { return m_looking; }
    bool hasLooked() const { return m_looked; }
    const std::vector<library::PlaceReport>& places() const { return m_places; }

    QStringList folders() const; // that the user added
    void addFolder(const QString& folder);
    void removeFolder(const QString& folder);

    void refresh(); // a look that runs is followed by another

Q_SIGNALS:
    void changed();        // the model and the places are new
    void lookingChanged(); // isLooking()

private:
    struct Look {
        library::Listing listing;
        std::unique_ptr<library::FactsCache> cache;
        bool finished = false; // not stopped
    };

    void start();
    void take(Look look);
    void watch(const std::vector<std::filesystem::path>& folders);

    QSettings& m_settings;
    library::Environment m_environment;
    LibraryModel m_model;
    std::vector<library::PlaceReport> m_places;
    std::unique_ptr<library::FactsCache> m_cache; // with the thread while it looks
    QFileSystemWatcher m_watcher;
    QTimer m_settle; // a download changes a folder many times
    bool m_looking = false;
    bool m_looked = false;
    bool m_again = false;
    threads::UiQueue m_answers;
    std::jthread m_thread; // last: ends before what it reports to
};

} // namespace bathy::models
