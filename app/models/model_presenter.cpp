#include "app/models/model_presenter.h"

#include "app/bridge/engine_link.h"

#include <QDir>
#include <QFileInfo>

namespace bathy::models {
namespace {

constexpr int kMaxRecent = 12;
const auto kRecentKey = QStringLiteral("models/recent");

} // namespace

ModelPresenter::ModelPresenter(bridge::EngineLink& link, bridge::EventPump& pump, QSettings& settings, QObject* parent)
    : QObject(parent), m_link(link), m_settings(settings) {
    connect(&pump, &bridge::EventPump::eventsReady, this, [this](const bridge::EventBatch& batch) { take(*batch); });
    connect(&link, &bridge::EngineLink::stateChanged, this, [this](bridge::EngineLink::State state) {
        if (state != bridge::EngineLink::State::Dead)
            return;
        m_load = {};
        m_card.reset();
        m_failure = describe(Error(ErrorCode::HostDied, m_link.deathReason().toStdString()));
        setState(State::EngineDead);
    });
}

QString ModelPresenter::displayName() const {
    if (m_card)
        return QString::fromStdString(m_card->name);
    return m_path == bundledPath() ? tr("Bundled checkpoint") : QFileInfo(QDir::cleanPath(m_path)).fileName();
}

void ModelPresenter::open(const QString& path) {
    if (path.isEmpty())
        return;
    if (m_load != api::RequestId{})
        m_link.cancel(m_load);
    m_path = path;
    m_card.reset();
    m_progress = {};
    m_link.start();
    api::LoadModel command;
    command.options.path = path.toStdString();
    m_load = m_link.post(std::move(command));
    setState(State::Loading);
}

void ModelPresenter::stop() {
    if (m_state != State::Loading)
        return;
    m_link.cancel(m_load);
    setState(State::Stopping);
}

void ModelPresenter::unload() {
    if (m_state == State::Loaded)
        m_unload = m_link.post(api::UnloadModel{});
}

void ModelPresenter::restart() {
    m_load = {};
    m_link.stop(); // when it still runs
    m_link.start();
    if (m_path.isEmpty())
        setState(State::Empty);
    else
        open(m_path);
}

void ModelPresenter::take(const std::vector<api::Event>& events) {
    for (const auto& event : events) {
        if (const auto* progress = std::get_if<api::Progress>(&event)) {
            if (progress->request != m_load || progress->stage != api::Stage::Load)
                continue;
            m_progress = {progress->done, progress->total, progress->perSecond, progress->secondsLeft};
            Q_EMIT progressChanged();
        } else if (const auto* loaded = std::get_if<api::ModelLoaded>(&event)) {
            if (loaded->request == m_load)
                finishLoad(*loaded);
        } else if (const auto* unloaded = std::get_if<api::ModelUnloaded>(&event)) {
            if (unloaded->request != m_unload)
                continue;
            m_card.reset();
            setState(State::Empty);
        } else if (const auto* failed = std::get_if<api::Failed>(&event)) {
            if (failed->request == m_load && m_load != api::RequestId{})
                failLoad(failed->error);
        }
    }
}

void ModelPresenter::finishLoad(const api::ModelLoaded& loaded) {
    m_load = {};
    m_card = loaded.card;
    m_loadSeconds = loaded.seconds;
    remember(m_path);
    setState(State::Loaded);
}

void ModelPresenter::failLoad(const Error& error) {
    m_load = {};
    m_failure = describe(error);
    if (error.isCancelled())
        return setState(State::Empty);
    setState(error.code() == ErrorCode::HostDied ? State::EngineDead : State::Failed);
}

QStringList ModelPresenter::recent() const {
    return m_settings.value(kRecentKey).toStringList();
}

void ModelPresenter::remember(const QString& path) {
    if (path == bundledPath())
        return;
    auto paths = recent();
    paths.removeAll(path);
    paths.prepend(path);
    m_settings.setValue(kRecentKey, QStringList(paths.mid(0, kMaxRecent)));
    Q_EMIT recentChanged();
}

void ModelPresenter::forgetRecent(const QString& path) {
    auto paths = recent();
    paths.removeAll(path);
    m_settings.setValue(kRecentKey, paths);
    Q_EMIT recentChanged();
}

void ModelPresenter::setState(State state) {
    m_state = state;
    Q_EMIT stateChanged();
}

} // namespace bathy::models
