// The one loaded model as the window sees it: opening, progress, its card, and bringing it back after the engine died.
// UI thread.
#pragma once

#include "app/bridge/event_pump.h"
#include "app/models/error_text.h"
#include "engine/api/commands.h"
#include "engine/api/model_card.h"

#include <QObject>
#include <QSettings>
#include <QStringList>

#include <optional>

namespace bathy::bridge {
class EngineLink;
}

namespace bathy::models {

class ModelPresenter : public QObject {
    Q_OBJECT
public:
    enum class State { Empty, Loading, Stopping, Loaded, Failed, EngineDead };
    Q_ENUM(State)

    struct Progress {
        quint64 doneBytes = 0;
        quint64 totalBytes = 0; // 0: not known yet
        double bytesPerSecond = 0;
        double secondsLeft = 0;
    };

    // All outlive the presenter. Recent models are kept in `settings`.
    ModelPresenter(bridge::EngineLink& link, bridge::EventPump& pump, QSettings& settings, QObject* parent = nullptr);

    static QString bundledPath() { return QStringLiteral("bundled"); }

    State state() const { return m_state; }
    const Progress& progress() const { return m_progress; }
    // Set in State::Loaded only.
    const std::optional<api::ModelCard>& card() const { return m_card; }
    double loadSeconds() const { return m_loadSeconds; }
    const QString& path() const { return m_path; }         // what was asked for last
    const ErrorText& failure() const { return m_failure; } // in Failed and EngineDead
    QString displayName() const;

    void open(const QString& path); // a folder, a file or bundledPath(); starts the engine when none runs
    void stop();                    // a load that runs
    void unload();
    void restart(); // a new engine, also after the last one died, and the same model again

    QStringList recent() const; // newest first
    void forgetRecent(const QString& path);

Q_SIGNALS:
    void stateChanged();
    void progressChanged();
    void recentChanged();

private:
    void take(const std::vector<api::Event>& events);
    void finishLoad(const api::ModelLoaded& loaded);
    void failLoad(const Error& error);
    void remember(const QString& path);
    void setState(State state);

    bridge::EngineLink& m_link;
    QSettings& m_settings;
    State m_state = State::Empty;
    Progress m_progress;
    std::optional<api::ModelCard> m_card;
    double m_loadSeconds = 0;
    QString m_path;
    ErrorText m_failure;
    api::RequestId m_load{};
    api::RequestId m_unload{};
};

} // namespace bathy::models
